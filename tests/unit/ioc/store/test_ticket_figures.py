"""The figures that PostgreSQL counts are those that the logs alone give, over days of tickets at random."""

import datetime as dt

import pytest

from ioc.access.scope import EVERYTHING, Scope
from ioc.store import ticket_figures
from ioc.store.database import Database
from ioc.store.ticket_figures import FIRST, By, Wanted
from ioc.tickets.figures import MARKS, Figures, Stay, figures, stays, within
from tests.fakes.things import NOW
from tests.fakes.ticket_days import Days


async def made(database: Database, seed: int, tickets: int = 25) -> tuple[Days, list[Stay]]:
    """Days of tickets, and their stays out of the logs alone."""
    days = Days(database, seed)
    opened = []
    for _ in range(tickets):
        days.at = NOW + dt.timedelta(minutes=days.chance.randrange(3000))
        opened.append(await days.live(await days.open(), days.chance.randrange(12)))
    days.at = NOW + dt.timedelta(days=4)
    return days, [stay for one in opened for stay in stays(one.id, await days.lines(one), days.at)]


def expected(found: list[Stay], as_of: dt.datetime, by: str) -> dict[str, Figures]:
    keys = {getattr(one, by) for one in found}
    return {key: figures([one for one in found if getattr(one, by) == key], as_of) for key in keys}


@pytest.mark.parametrize("seed", range(6))
async def test_the_same_numbers_come_from_the_logs_alone(database: Database, seed: int) -> None:
    days, found = await made(database, seed)
    spans = [(NOW - dt.timedelta(days=1), days.at), (NOW, NOW + dt.timedelta(hours=20)), (days.at, days.at)]
    by: By
    for since, until in spans:
        chosen = within(found, since, until)
        wanted = Wanted(since=since, until=until, as_of=days.at)
        for by in ("unit", "severity"):
            async with database.transaction(EVERYTHING, read_only=True) as transaction:
                total, counted = await ticket_figures.figures(transaction, wanted, by)
            assert _close(total, figures(chosen, days.at)), (seed, by)
            for key, one in expected(chosen, days.at, by).items():
                assert _close(counted[key], one), (seed, by, key)
            assert counted.keys() == expected(chosen, days.at, by).keys()


def _close(one: Figures, other: Figures) -> bool:
    """Equal, times to the microsecond."""
    for name in Figures.__struct_fields__:
        left, right = getattr(one, name), getattr(other, name)
        if name in MARKS:
            assert left == right, name
        else:
            assert left.number == right.number, name
            assert left.p50_s == pytest.approx(right.p50_s, abs=1e-5), name
            assert left.p90_s == pytest.approx(right.p90_s, abs=1e-5), name
    return True


async def test_each_figure_opens_into_its_tickets(database: Database) -> None:
    days, found = await made(database, 7)
    wanted = Wanted(since=NOW, until=days.at, as_of=days.at)
    async with database.transaction(EVERYTHING, read_only=True) as transaction:
        for name, mark in MARKS.items():
            expected_ = sorted((one.received_at, one.ticket) for one in found if mark(one, days.at))
            told: list[tuple[dt.datetime, str]] = []
            after = FIRST
            while page := await ticket_figures.behind(transaction, wanted, name, after, 4):
                told += [(one.received_at, str(one.ticket)) for one in page]
                after = (page[-1].received_at, page[-1].ticket)
            assert told == expected_, name


async def test_a_centre_counts_what_its_units_had_and_no_more(database: Database) -> None:
    days, found = await made(database, 8)
    own = Scope(frozenset({"hoi-an"}))
    wanted = Wanted(since=NOW, until=days.at, as_of=days.at)
    async with database.transaction(own, read_only=True) as transaction:
        _, counted = await ticket_figures.figures(transaction, wanted, "unit")
        behind = await ticket_figures.behind(transaction, wanted, "bounced", FIRST, 100)
    mine = [one for one in found if one.unit in ("hoi-an", "power")]
    assert {key: one.received for key, one in counted.items()} == {
        key: one.received for key, one in expected(mine, days.at, "unit").items()
    }
    assert {key: one.bounced for key, one in counted.items()} == {
        key: one.bounced for key, one in expected(mine, days.at, "unit").items()
    }
    assert all(one.unit in ("hoi-an", "power") for one in behind)


async def test_filters_narrow(database: Database) -> None:
    days, found = await made(database, 9, tickets=12)
    wanted = Wanted(since=NOW, until=days.at, as_of=days.at, unit="hoi-an", severity="severe")
    async with database.transaction(EVERYTHING, read_only=True) as transaction:
        counted, _ = await ticket_figures.figures(transaction, wanted, "unit")
    chosen = [one for one in found if one.unit == "hoi-an" and one.severity == "severe"]
    assert counted.received == len(chosen)
