"""The search over a real server and PostgreSQL: what comes first, what nobody else sees, and how quick it is."""

import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import asyncpg
import pytest

from ioc.access.policy import Person, scope_of
from ioc.access.scope import Scope
from ioc.api import search
from ioc.finding import fold
from ioc.store.database import Database
from ioc.store.guards import GUARDS, seen
from tests.conftest import Fresh
from tests.fakes.http_centre import Centre, now, running_centre

SQL = Path(__file__).parents[2] / "ioc/store/migrations/0026_search.sql"
QUICK_MS = 50.0


@pytest.fixture
async def centre(migrated: Fresh, tmp_path: Path) -> AsyncIterator[Centre]:
    async with running_centre(migrated.url, tmp_path) as one:
        yield one


async def look(centre: Centre, text: str, who: str = "admin", **more: Any) -> list[dict[str, Any]]:
    query = "".join(f"&{name}={value}" for name, value in more.items())
    status, body, _ = await centre.get(f"/api/v1/search?q={quote(text)}{query}", who)
    assert status == 200, body
    found: list[dict[str, Any]] = body["found"]
    return found


def short(found: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(one["kind"], one["name"]) for one in found]


async def test_names_are_found_whatever_accents_case_and_order(centre: Centre) -> None:
    flood = await centre.incident(title="Nước sông Thu Bồn vượt báo động III", title_en="Thu Bon river above alarm III")
    for text in ("thu bon bao dong", "BÁO ĐỘNG sông thu bồn", "bao thu", "alarm river", "đông bao"):
        assert [one["id"] for one in await look(centre, text) if one["kind"] == "incident"] == [flood], text
    [one] = [one for one in await look(centre, "tram mot") if one["kind"] == "device"]
    assert (one["id"], one["position"], one["state"]) == ("gauge-one", [108.1, 15.6], "fresh")
    assert ("camera", "Camera Hai") in short(await look(centre, "cam-two"))
    assert ("place", "Hội An") in short(await look(centre, "hoi an"))
    assert await look(centre, "  – !") == []


async def test_the_best_comes_first_and_open_incidents_before_others(centre: Centre) -> None:
    await centre.owner.execute(
        """insert into devices (code, centre, area, name, kind, profile, state, state_since, geom)
           select 'x-' || n, 'quang-nam', '502@2024-09-01', name, 'river-gauge', 'river-gauge', 'fresh', now(),
           st_setsrid(st_makepoint(108, 15.6), 4326)
           from (values (1, 'Cầu Trà Lý cũ'), (2, 'Lý'), (3, 'Lý Trà'), (4, 'Thủy lý hồ')) as d(n, name)"""
    )
    closed = await centre.incident(title="Lý", status="closed")
    opened = await centre.incident(title="Ngập ở Lý", severity="minor")
    worse = await centre.incident(title="Cháy ở Lý", severity="extreme")
    found = await look(centre, "ly")
    assert short(found)[:2] == [("device", "Lý"), ("device", "Lý Trà")]
    assert [one["id"] for one in found if one["kind"] == "incident"] == [worse, opened, closed]
    assert [one["id"] for one in await look(centre, "o ly")] == [worse, opened]
    assert len(await look(centre, "ly", limit=2)) == 2
    assert await look(centre, "l" * 100) == []


async def test_an_area_of_before_is_found_and_says_until_when_it_held(centre: Centre) -> None:
    await centre.owner.execute("update areas set successors = '{20335@2025-07-01}' where code = '502'")
    [one] = await look(centre, "tam ky", limit=1) and [o for o in await look(centre, "TAM KY") if o["kind"] == "area"]
    assert (one["id"], one["until"], one["successors"]) == ("502@2024-09-01", "2025-06-30", ["Bàn Thạch"])
    [now_there] = [one for one in await look(centre, "ban thach") if one["kind"] == "area"]
    assert now_there["until"] is None


async def test_coordinates_give_their_place_and_a_number_its_ticket(centre: Centre) -> None:
    for text in ("15.55, 108.2", "15.55 108.2", "108.2;15.55"):
        [one] = await look(centre, text)
        assert (one["kind"], one["position"], one["detail"]) == ("place", [108.2, 15.55], "Bàn Thạch"), text
    assert await look(centre, "#999999") == []


async def test_a_reader_finds_only_what_he_may_see(centre: Centre) -> None:
    mine = await centre.incident("hoi-an", title="Sạt lở Cửa Đại")
    await centre.incident("quang-nam", title="Sạt lở Trà My")
    await centre.incident("quang-nam", title="Sạt lở cũ", status="closed")
    assert [one["id"] for one in await look(centre, "sat lo", "district")] == [mine]
    assert [one["id"] for one in await look(centre, "tram", "district") if one["kind"] == "device"] == ["gauge-two"]
    assert len(await look(centre, "sat lo", "admin")) == 3
    for scope in (Scope(None, kinds=frozenset({"report"})), Scope(None, areas=frozenset({"503@2024-09-01"}))):
        async with centre.database.transaction(scope, read_only=True) as transaction:
            assert await search.found(transaction, "sat lo", now().date(), 20) == []
    assert (await centre.get("/api/v1/search?q=x", None))[0] == 401
    assert (await centre.get(f"/api/v1/search?q={'x' * 101}"))[0] == 400


async def test_the_function_asks_the_policys_own_rule(migrated: Fresh) -> None:
    rule = seen(next(guard for guard in GUARDS if guard.table == "incidents"))
    assert rule in SQL.read_text("utf-8")
    connection = await asyncpg.connect(migrated.url("ioc_app"))
    try:
        for words in (["a|b"], ["'"], ["A"], [], [None], ["a"] * 9):
            with pytest.raises(asyncpg.RaiseError):
                await connection.fetch("select search_incidents($1, 5)", words)
        names = [
            "Đại Lộc",
            "ĐỒNG",
            "Hoi An",
            "Cửa Đại – 2",
            "ở  Nước\tLũ",
            "x_y (Z)",
            "",
            "Ấp 3/2",
            "ơ ư ă â ê ô",
            "日本 a",
        ]
        folded = await connection.fetch(
            "select ioc_fold(n) as f from unnest($1::text[]) with ordinality u(n, i) order by i", names
        )
        assert [row["f"] for row in folded] == [fold(name) for name in names]
    finally:
        await connection.close()


MANY = """
insert into devices (code, centre, area, name, kind, profile, state, state_since, geom)
  select 'tram-' || n, case when n % 18 = 0 then 'hoi-an' else 'quang-nam' end, '502@2024-09-01',
  (array['Trạm mưa', 'Trạm thủy văn', 'Cảm biến khói', 'Điểm đo'])[1 + n % 4] || ' ' ||
  (array['Cẩm Lệ', 'Thu Bồn', 'Ái Nghĩa', 'Trà My', 'Hội An'])[1 + n % 5] || ' ' || n,
  'river-gauge', 'river-gauge', 'fresh', now(), st_setsrid(st_makepoint(108 + n % 100 / 200.0, 15.6), 4326)
  from generate_series(1, 20000) n;
insert into incidents (id, centre, area, version, key, title, title_en, category, severity, status, area_code,
  area_name, sources, alarms, count, cleared, opened_at, updated_at, first_at, last_at, geom)
  select gen_random_uuid(), case when n % 18 = 0 then 'hoi-an' else 'quang-nam' end, '502@2024-09-01', 1, 'k' || n,
  (array['Nước sông', 'Cháy rừng', 'Sạt lở', 'Ngập đường'])[1 + n % 4] || ' ' ||
  (array['Cẩm Lệ', 'Thu Bồn', 'Ái Nghĩa', 'Trà My', 'Hội An'])[1 + n % 5] || ' đoạn ' || n, 'Incident ' || n, 'flood',
  (array['minor', 'moderate', 'severe', 'extreme'])[1 + n % 4], case when n % 100 = 0 then 'new' else 'closed' end,
  '502', 'Tam Kỳ', '{sensor}', 1, 1, false, now() - make_interval(mins => n), now(), now(), now(),
  st_setsrid(st_makepoint(108, 15.6), 4326) from generate_series(1, 40000) n;
analyze devices; analyze incidents;
"""
TYPED = ("nuoc", "thu bon", "doan 1999", "cam le sat lo", "incident 37764", "hoi an", "tram-1", "zzz", "n", "tram my 4")


async def test_it_is_quick_among_many(centre: Centre, migrated: Fresh) -> None:
    """The quickest of five, which says what a search costs whatever else the machine does."""
    await centre.owner.execute(MANY, timeout=60)
    people = [
        Person(login="d", name="D", role=role, centre=home, language="vi")
        for role, home in (("operator", None), ("district", "hoi-an"))
    ]
    took: dict[str, float] = {}
    async with Database.open(migrated.url()) as database:
        for person in people:
            for text in TYPED * 5:
                start = time.perf_counter()
                async with database.transaction(scope_of(person), read_only=True) as transaction:
                    found = await search.found(transaction, text, now().date(), 20)
                what = f"{person.role}: {text}"
                took[what] = min(took.get(what, 1e9), (time.perf_counter() - start) * 1000)
                assert (len(found) == 0) == (text == "zzz"), what
    slow = {what: round(ms) for what, ms in took.items() if ms >= QUICK_MS}
    assert slow == {}, took
