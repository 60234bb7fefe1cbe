"""Filters never become SQL: what PostgreSQL logs is what the trees of the filters say, whatever was written in them.

Each request is answered 200 or 400; the server says itself beforehand which, by the tree that it makes of the filter.
"""

import asyncio
import json
import re
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import asyncpg
import msgspec
import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from gis import cql2, filters
from gis.layers import INCIDENTS
from ioc.api.filtered import AT_ONCE
from ioc.store import changes, filtering, tables
from ioc.store.statements import prepare
from tests.attacks.conftest import PATIENT
from tests.conftest import Fresh
from tests.fakes import asked
from tests.fakes.http_centre import Centre, running_centre
from tests.instruments.waiting import until

pytestmark = pytest.mark.promise("A7")

EXAMPLES = 60
FOLLOWED = " ".join(changes._told().sql.split())
"""How the board reads what has changed, whenever it does."""
WHERE = "WHERE incidents.place_lon IS NOT NULL AND "
_BEGUN = re.compile(r"^\d{4}-\d{2}-\d{2} [\d:.]+ \w+ \[\d+\] ", re.MULTILINE)
_RUN = re.compile(r"LOG:  (?:duration: [\d.]+ ms  )?(?:execute [^:]*|statement): (.*)\Z", re.DOTALL)

PIECES = (
    "title", "severity", "'", "''", '"', "'x'", "--", "/*", "*/", ";", "; drop table incidents; --", "' or 1=1 --",
    "select 1", "pg_sleep(10)", "union", "$1", "%s", "{}", "=", "<>", "LiKe", "iN", "nOt", "AnD", "OR", "oR", "(", ")",
    "((((", "))))", ",", "is null", "BETWEEN", "1", "-1", "1e999", "- - -", "\\", "%", "_", "\u0110", "đ", "🌊",
    "\u202e", "\u0000", "ａ", "casei(", "ACCENTI(", "upper(", "S_INTERSECTS(geometry, POINT(108 16))",
    "S_WITHIN(geometry,",
        "BBOX(108,15,109,16)", "T_AFTER(opened_at,", "TIMESTAMP('2026-11-26T00:00:00Z')", "DATE('2026-02-30')", "true",
    "INTERVAL('..','..')", "A_CONTAINS(sources,('a','b'))", "POLYGON((", "cleared", "NULL", "\n", "\t", "`", "::text",
    "||", "\x1a", "count", "id", "incidents.title", "\"title\"", "current_user",
)  # fmt: skip

OPERATORS = ("=", "in", "and", "not", "s_within", "t_after", "a_equals", "like", "x")
JUNK = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.sampled_from(PIECES)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.fixed_dictionaries({"op": st.sampled_from(OPERATORS), "args": st.lists(inner, max_size=3)}),
        inner.map(lambda name: {"property": name}),
        st.dictionaries(st.sampled_from(("bbox", "type", "coordinates", "date", "interval", "op", "args")), inner),
    ),
    max_leaves=12,
)  # fmt: skip


class Attacked(msgspec.Struct):
    """A centre whose PostgreSQL writes every statement into its log."""

    centre: Centre
    log: Callable[[], str]

    def statements(self, since: str) -> set[str]:
        """The texts of what ran since the log had this text."""
        told = _BEGUN.split(self.log()[len(since) :])
        found = (_RUN.search(one) for one in told)
        return {" ".join(one[1].replace("\t", " ").split()) for one in found if one}


@pytest.fixture
async def attacked(migrated: Fresh, tmp_path: Path) -> AsyncIterator[Attacked]:
    """Five incidents to be found."""
    admin = await asyncpg.connect(migrated.url("postgres"))
    await admin.execute(f"alter role ioc_app in database {migrated.name} set log_min_duration_statement = 0")
    await admin.close()
    folder = next(one / "logs" for one in Path(migrated.servers.data).parents if (one / "logs").is_dir())
    log = next(iter(sorted(folder.glob("postgres*.log"))))
    async with running_centre(migrated.url, tmp_path, {"limits": PATIENT}) as centre:
        for title in asked.TITLES[:5]:
            await centre.incident(title=title)
        yield Attacked(centre, lambda: log.read_text(encoding="utf-8", errors="replace"))


def drawn(strategy: st.SearchStrategy[Any], number: int = EXAMPLES) -> list[Any]:
    """Examples, the same in every run."""
    found: list[Any] = []

    @settings(max_examples=number, database=None, derandomize=True)
    @given(strategy)
    def one(example: Any) -> None:
        found.append(example)

    one()
    return found


def expected(text: str, lang: str) -> str | None:
    """The condition that the statements have; None when the filter is refused."""
    if "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        return None
    try:
        tree = filters.check(INCIDENTS, cql2.parse(text, lang), zone=asked.ZONE)
    except filters.FilterError:
        return None
    columns: dict[str, sa.ColumnElement[Any]] = {column.name: column for column in tables.INCIDENTS.c}
    made = filtering.condition(INCIDENTS, columns, filtering.shape(tree)[0])
    ready = prepare(sa.select(columns["id"]).where(columns["place_lon"].is_not(None), made))
    return _condition(ready.sql)


def _condition(sql: str) -> str:
    """A statement's condition; numbers of parameters go by their first place."""
    made = " ".join(sql.split()).partition(WHERE)[2].partition(" ORDER BY ")[0]
    return made.replace("::VARCHAR", "").strip()


def _asked() -> list[tuple[str, str]]:
    soup = st.lists(st.sampled_from(PIECES), min_size=1, max_size=9).map(" ".join)
    written = [(text, "cql2-text") for text in drawn(soup, 2 * EXAMPLES)]
    for raw in drawn(asked.filters(asked.INCIDENT_FIELDS)):
        written += [(asked.written(raw), "cql2-text"), (asked.as_json(raw), "cql2-json")]
    spoilt = drawn(st.tuples(asked.filters(asked.INCIDENT_FIELDS), st.sampled_from(PIECES), st.integers(0, 200)))
    for raw, piece, place in spoilt:
        text = asked.written(raw)
        written.append((text[:place] + piece + text[place:], "cql2-text"))
        written.append((f"title = {asked.written(piece + str(place))} OR {text}", "cql2-text"))
    written += [(json.dumps(raw), "cql2-json") for raw in drawn(JUNK, 2 * EXAMPLES)]
    listed = ", ".join(f"'{number}'" for number in range(400))
    return [*written, (f"title IN ({listed})", "cql2-text"), ("(" * 2_000, "cql2-text"), ("[" * 2_000, "cql2-json")]


async def test_statements_are_those_of_the_trees(attacked: Attacked, tell: Callable[..., None]) -> None:
    path, begun = "/ogc/collections/incidents/items?limit=1", attacked.log()
    for text in ("&filter=TRUE", "&filter=FALSE"):
        assert (await attacked.centre.get(path + text))[0] == 200
    usual, begun = attacked.statements(begun), attacked.log()
    heads = {one.partition(WHERE)[0] for one in usual if WHERE in one}
    assert len(heads) == 2, "items and their number are asked for"
    wanted: set[str] = set()
    told = {200: 0, 400: 0}
    for text, lang in _asked():
        status, body, _ = await attacked.centre.get(f"{path}&filter-lang={lang}&filter={quote(text, errors='replace')}")
        condition = expected(text, lang)
        assert status == (400 if condition is None else 200), (text, body)
        told[status] += 1
        wanted |= set() if condition is None else {condition}
    unusual = {one for one in attacked.statements(begun) - usual if one != FOLLOWED}
    strange = [one for one in unusual if WHERE not in one or one.partition(WHERE)[0] not in heads]
    assert not strange
    ran = {_condition(one) for one in unusual}
    assert ran == wanted - {_condition(one) for one in usual}
    tell(found=told[200], refused=told[400], shapes=len(wanted), strange=len(strange))
    assert min(told.values()) > EXAMPLES


async def test_a_filter_that_takes_too_long_is_ended(attacked: Attacked) -> None:
    begun = time.monotonic()
    async with attacked.centre.owner.transaction():
        await attacked.centre.owner.execute("lock table incidents in access exclusive mode")
        status, body, _ = await attacked.centre.get("/ogc/collections/incidents/items?filter=cleared")
    assert status == 400
    assert "narrow it" in body["title"]
    assert time.monotonic() - begun < filtering.PATIENCE_S + 3
    assert (await attacked.centre.get("/ogc/collections/incidents/items?filter=cleared"))[0] == 200


async def test_filters_that_take_long_leave_connections_to_others(attacked: Attacked) -> None:
    centre, waiting = attacked.centre, "select count(*) from pg_locks where not granted"
    busy = f"select count(*) >= {AT_ONCE} from pg_locks where not granted"
    async with asyncio.TaskGroup() as tasks, centre.owner.transaction():
        await centre.owner.execute("lock table incidents in access exclusive mode")
        for number in range(20):
            form = "&f=csv" if number % 2 else ""
            tasks.create_task(centre.get(f"/ogc/collections/incidents/items?filter=cleared{form}"), name="costly")
        await until(lambda: centre.owner.fetchval(busy), 10, "filters that are worked on")
        async with asyncio.timeout(filtering.PATIENCE_S - 1):
            assert (await centre.get("/ogc/collections/devices/items?limit=1"))[0] == 200
            assert await centre.owner.fetchval(waiting) <= AT_ONCE


NESTED = (
    "({})", "NOT ({})", "(a=1 OR {})", "((a=1) and {} and)", "(a between 1 and {})", "f({})", "CASEI({})", "a IN ({})",
    "a=({})", "-({})", "(1,{})", "POLYGON(({}))", "S_INTERSECTS(g, GEOMETRYCOLLECTION({}))", "INTERVAL({})", "({}",
    "NOT NOT {}", "- - {}", "! {}", "{} is null", "{}^1", "'{}'", '"{}"', "{} and", "((({}) or 1)",
)  # fmt: skip
_TRIED = """
import sys, time
from gis import cql2
slowest = 0.0
for text in sys.stdin.read().split("\\x1e"):
    begun = time.process_time()
    try:
        cql2.parse(text)
    except cql2.FilterError:
        pass
    slowest = max(slowest, time.process_time() - begun)
print(slowest)
"""


async def test_nothing_ends_or_holds_the_grammar() -> None:
    """In a process of its own: it is written in Rust, and ends a process that nests too deep."""
    texts = []
    for form in NESTED:
        for core in ("a=1", "$", ""):
            for depth in (1, 3, 6, 9, 11, 12, 13, 16, 20, 24, 25, 60, 400, 1_300):
                text = core
                for _ in range(depth):
                    text = form.replace("{}", text)
                texts += [text, text + ")", text + "and a=1 " * 30]
    run = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", _TRIED], input="\x1e".join(texts), capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert float(run.stdout) < 1.0
