"""What cannot be judged, on a real PostgreSQL: it alone is put aside, once, and all else raises its alarm, once."""

import asyncio
import datetime as dt
import logging
from collections import Counter
from collections.abc import Callable
from typing import Any

import asyncpg
import msgspec
import pytest

from gis.areas import AreaIndex
from gis.observation import Observation, Reading, Report
from ioc import reporting
from ioc.access.scope import EVERYTHING
from ioc.desk import Desk
from ioc.docket import Docket
from ioc.incidents.alarm import Alarm
from ioc.incidents.told import report_alarm
from ioc.judging import Judging
from ioc.store import journal, letters, reports
from ioc.store.database import Database
from tests.fakes.tellers import report
from tests.fakes.things import NOW, reading, rule, sighting
from tests.instruments.waiting import until
from tests.integration.test_desk import Office

RULES = (rule(), rule(code="gate", sighting="zone_entered"))
TURNS = 60
BAD = "gauge-b"


class KilledError(BaseException):
    """The process ended here."""


class Shift:
    """A desk that begins again after each stumble, and is another one when the first is killed.

    `kill` is at which passing of any point that happens; 0: never.
    """

    def __init__(self, office: Office) -> None:
        self.office = office
        self.kill = self.passed = self.stumbles = 0

    def _passing(self, _: str) -> None:
        self.passed += 1
        if self.passed == self.kill:
            raise KilledError

    def hire(self) -> Desk:
        desk = self.office.hire()
        desk._passing = self._passing
        return desk

    async def work(self) -> Desk:
        """Until nothing is left."""
        desk = self.hire()
        for _ in range(TURNS):
            try:
                if not await desk.turn():
                    return desk
            except KilledError:
                desk = self.hire()
            except Exception:
                self.stumbles += 1
        raise AssertionError(f"the desk has not come to the end in {TURNS} turns")


@pytest.fixture
async def shift(database: Database, area_index: AreaIndex) -> Shift:
    return Shift(Office(database, area_index, RULES))


def level(value: float, source: str, seq: int = 1, seconds: int = 0) -> Reading:
    return reading(value, seq=seq, at=NOW + dt.timedelta(seconds=seconds), source=source, centre="dai-loc")


async def tell(office: Office, *told: Report) -> None:
    for one in told:
        async with office.database.transaction(EVERYTHING) as transaction:
            await reports.enter(transaction, one, NOW, "operator", reports.Reporter(name="", phone=""))


async def enter(office: Office) -> None:
    """Good ones before, beside and behind the two that cannot be judged."""
    office.at = NOW + dt.timedelta(minutes=1)
    await office.keep(level(3.0, "gauge-ai-nghia"))
    await office.keep(level(3.0, "gauge-far"), level(3.0, BAD), sighting(1))
    await tell(office, report("1"), report("bad"), report("3"))
    await office.keep(level(5.0, "gauge-ai-nghia", 2, 30))


def poison_reading(patched: pytest.MonkeyPatch) -> None:
    """Judging raises for one source."""
    judge: Callable[..., Any] = Judging._judge_reading

    async def poisoned(self: Judging, transaction: Any, page: Any, track: Any, one: Reading, arrived: Any) -> None:
        await judge(self, transaction, page, track, one, arrived)
        if one.stamp.source == BAD:
            raise ZeroDivisionError("a figure that nobody thought of")

    patched.setattr(Judging, "_judge_reading", poisoned)


def poison_settling(patched: pytest.MonkeyPatch) -> None:
    """The correlation raises for the alarms of one source."""
    named: Callable[..., Alarm] = Docket._named

    def poisoned(self: Docket, alarm: Alarm) -> Alarm:
        if alarm.source.code == BAD:
            raise ZeroDivisionError("an incident that nobody thought of")
        return named(self, alarm)

    patched.setattr(Docket, "_named", poisoned)


def poison_report(patched: pytest.MonkeyPatch) -> None:
    def poisoned(one: Report, *more: Any) -> Alarm | None:
        if one.number == "bad":
            raise KeyError("a word that nobody thought of")
        return report_alarm(one, *more)

    patched.setattr(reporting, "report_alarm", poisoned)


async def judge_outcome(admin: asyncpg.Connection) -> None:
    """Every good one raised its alarm once, everybody was told once, and each bad one is one dead letter."""
    rows = await admin.fetch("select source, source_kind, severity, count from alarms")
    assert Counter(tuple(row) for row in rows) == Counter(
        {
            ("gauge-ai-nghia", "sensor", "severe", 2): 1,
            ("gauge-far", "sensor", "moderate", 1): 1,
            ("cam-a", "camera", "minor", 1): 1,
            ("1022", "citizen", "moderate", 1): 2,
        }
    )
    told = await admin.fetch(
        "select subject_id, value, count(*) as n from changes where subject = 'alarm' group by 1, 2"
    )
    assert {row["n"] for row in told} == {1}
    assert not await admin.fetch("select from alarms where incident is null")
    found = await admin.fetch(
        "select source, topic, centre, area, code, reason, head from dead_letters order by source"
    )
    assert [(row["source"], row["topic"], row["centre"], row["code"]) for row in found] == [
        ("1022", "1022", "dai-loc", letters.UNJUDGED),
        (BAD, BAD, "dai-loc", letters.UNJUDGED),
    ]
    assert all(row["area"] for row in found)
    assert [word in row["reason"] for word, row in zip(("KeyError", "ZeroDivisionError"), found, strict=True)] == [
        True
    ] * 2
    assert msgspec.json.decode(found[1]["head"], type=Reading) == level(3.0, BAD)
    kept = msgspec.json.decode(found[0]["head"], type=Report)
    assert (kept.number, kept.text) == ("bad", "")
    assert await admin.fetchval("select through = (select max(id) from journal) from cursors where name = 'desk'")


@pytest.mark.parametrize("poison", [poison_reading, poison_settling])
async def test_what_cannot_be_judged_is_put_aside_alone_and_loudly(
    shift: Shift,
    admin: asyncpg.Connection,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    poison: Callable[[pytest.MonkeyPatch], None],
) -> None:
    poison(monkeypatch)
    poison_report(monkeypatch)
    await enter(shift.office)
    with caplog.at_level(logging.ERROR, "ioc.unjudged"):
        desk = await shift.work()
    await judge_outcome(admin)
    assert (desk.done.unjudged, desk.done.entries) == (2, 6)
    said = [record for record in caplog.records if record.name == "ioc.unjudged"]
    assert [record.levelno for record in said] == [logging.ERROR] * 2
    assert all(record.exc_info is not None and record.exc_info[2] is not None for record in said)
    assert shift.stumbles == 7  # the page three times, its bad row three times; from then on one is enough


@pytest.mark.parametrize("poison", [poison_reading, poison_settling])
async def test_a_desk_that_is_killed_anywhere_in_between_comes_to_the_same(
    shift: Shift,
    admin: asyncpg.Connection,
    monkeypatch: pytest.MonkeyPatch,
    poison: Callable[[pytest.MonkeyPatch], None],
) -> None:
    poison(monkeypatch)
    poison_report(monkeypatch)
    await enter(shift.office)
    empty = "truncate alarms, incidents, dead_letters, changes, rule_states, cursors cascade"
    await shift.work()
    points = shift.passed
    assert points > 20
    for number in range(1, points + 1):
        await admin.execute(empty)
        shift.kill, shift.passed = number, 0
        await shift.work()
        await judge_outcome(admin)


async def test_at_work_it_comes_past_by_itself_and_what_follows_is_judged(
    shift: Shift,
    admin: asyncpg.Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    poison_reading(monkeypatch)
    monkeypatch.setattr("ioc.desk.RETRY_S", 0.05)
    office, desk = shift.office, shift.hire()
    quiet = [level(1.0, "gauge-far", number, number - 600) for number in range(100)]

    async def judged(rows: int) -> bool:
        return desk.done.entries == rows

    async with asyncio.TaskGroup() as tasks:
        work = tasks.create_task(desk.run(), name="desk")
        await office.keep(*quiet[:50], level(3.0, BAD), *quiet[50:], level(3.0, "gauge-ai-nghia"))
        await until(lambda: judged(1), 30, "a desk that has passed what it cannot judge")
        await office.keep(level(3.0, "gauge-far", 100))
        await until(lambda: judged(2), 30, "a desk that has judged what lies behind it")
        work.cancel()
    raised = await admin.fetchval("select array_agg(source order by source) from alarms")
    assert raised == ["gauge-ai-nghia", "gauge-far"]
    assert await admin.fetchval("select array_agg(source) from dead_letters") == [BAD]
    assert desk.done.unjudged == 1


async def test_what_postgresql_refuses_of_an_alarm_is_put_aside_too(
    shift: Shift,
    admin: asyncpg.Connection,
) -> None:
    batch: list[Observation] = [sighting(1, subject="gate"), sighting(2, subject="ga\0te"), sighting(3, subject="door")]
    async with shift.office.database.transaction(EVERYTHING) as transaction:
        await journal.append(transaction, batch, NOW)
    desk = await shift.work()
    keys = await admin.fetch("select key from alarms order by key")
    assert [row["key"] for row in keys] == ["test/gate:cam-a:door", "test/gate:cam-a:gate"]
    [letter] = await admin.fetch("select source, code, reason from dead_letters")
    assert (letter["source"], letter["code"], desk.done.unjudged) == ("cam-a", "unjudged", 1)


async def test_a_row_that_cannot_be_read_is_one_letter(
    shift: Shift,
    admin: asyncpg.Connection,
) -> None:
    await shift.office.keep(level(3.0, "gauge-ai-nghia"))
    async with shift.office.database.transaction(EVERYTHING) as transaction:
        await journal.append_sealed(transaction, b"\xc1no page", NOW)
    await shift.office.keep(level(3.0, "gauge-far"))
    desk = await shift.work()
    assert await admin.fetchval("select array_agg(source order by source) from alarms") == [
        "gauge-ai-nghia",
        "gauge-far",
    ]
    [letter] = await admin.fetch("select centre, source, topic, head, reason from dead_letters")
    assert (letter["centre"], letter["source"], letter["head"]) == (None, "", b"\xc1no page")
    assert letter["topic"].startswith("journal/")
    assert desk.done.unjudged == 1


async def test_where_the_store_is_at_fault_everything_waits_and_nothing_is_put_aside(
    shift: Shift,
    admin: asyncpg.Connection,
) -> None:
    await shift.office.keep(level(3.0, "gauge-ai-nghia"))
    await admin.execute("alter table changes rename to changes_elsewhere")
    desk = shift.hire()
    for _ in range(10):
        with pytest.raises(asyncpg.UndefinedTableError):
            await desk.turn()
    await admin.execute("alter table changes_elsewhere rename to changes")
    assert await desk.turn()
    assert await admin.fetchval("select count(*) from alarms") == 1
    assert await admin.fetchval("select count(*) from dead_letters") == 0
