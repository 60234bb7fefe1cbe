"""Refusals in the trail: noted, and never a flood."""

from pathlib import Path

from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from ioc.access.scope import EVERYTHING
from ioc.api.deeds import PER_S, REFUSALS, ROWS_EACH, Refusals, refused
from ioc.api.server import build
from ioc.store import audit
from ioc.store.audit import Search
from tests.conftest import Fresh
from tests.fakes.http_centre import Centre, now, running_centre


@given(st.lists(st.floats(0, 30), max_size=200))
def test_no_refusal_is_lost_from_the_count_and_a_minute_has_few_rows(pauses: list[float]) -> None:
    """Every refusal has a row, or is counted in the next row, or is still to be counted."""
    refusals, at, rows, counted, pending = Refusals(), 0.0, [], 0, 0
    for pause in pauses:
        at += pause
        left_out = refusals.take("10.0.0.1", "not-allowed", at)
        if left_out is None:
            pending += 1
        else:
            rows.append(at)
            assert left_out in (0, pending)
            counted += left_out
            pending -= left_out
    assert len(rows) + counted + pending == len(pauses)
    for row in rows:
        assert sum(row <= other < row + PER_S for other in rows) <= 2 * ROWS_EACH


def test_addresses_and_reasons_are_counted_apart() -> None:
    refusals = Refusals()
    for number in range(ROWS_EACH):
        assert refusals.take("a", "x", 0.0) == 0, number
    assert refusals.take("a", "x", 1.0) is None
    assert refusals.take("b", "x", 1.0) == 0
    assert refusals.take("a", "y", 1.0) == 0
    assert refusals.take("a", "x", PER_S) == 1


async def test_a_refusal_is_noted_with_its_reason_and_never_raises(migrated: Fresh, tmp_path: Path) -> None:
    async with running_centre(migrated.url, tmp_path) as centre:
        await _refused(centre)
        async with centre.database.transaction(EVERYTHING, read_only=True) as transaction:
            (found,) = await audit.search(transaction, Search(act="request.refused"), 10)
    entry = found.entry
    assert (entry.who, entry.outcome, entry.thing, entry.after) == (
        "", "refused", "/api/v1/x", {"reason": "not-allowed", "method": "GET"},
    )  # fmt: skip


async def _refused(centre: Centre) -> None:
    """Two refusals by a server of the same parts: one that is noted, one whose row cannot be written."""
    from aiohttp.test_utils import make_mocked_request

    from ioc.api.parts import PARTS, Parts, Settings

    app: web.Application = build(
        Parts(
            database=centre.database, board=None, replayer=None, now=now,  # type: ignore[arg-type]
            pictures=None, media=centre.media, wall=centre.wall, basemap=lambda name: None, ready=None,  # type: ignore[arg-type]
            settings=Settings(centre="quang-nam"),
        )
    )  # fmt: skip
    assert REFUSALS in app
    assert app[PARTS].database is centre.database
    await refused(make_mocked_request("GET", "/api/v1/x", app=app), "not-allowed")
    await centre.owner.execute("alter table audit add constraint full_disk check (act <> 'request.refused') not valid")
    await refused(make_mocked_request("GET", "/api/v1/y", app=app), "not-allowed")
