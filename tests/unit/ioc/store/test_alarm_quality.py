"""The figures of an hour, made by PostgreSQL of a set that was counted by hand."""

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

import asyncpg
import msgspec

from gis.stamp import uuid7
from ioc.access.policy import Person
from ioc.access.scope import EVERYTHING, Scope
from ioc.incidents.incident import Titles, opened
from ioc.incidents.quality import HOUR, Hour
from ioc.store import alarm_quality, people
from ioc.store import alarms as kept_alarms
from ioc.store import incidents as kept
from ioc.store.alarm_quality import Worst
from ioc.store.database import Database, Transaction
from tests.fakes.things import alarm
from tests.unit.ioc.store.test_incidents import PLACE

T0 = dt.datetime(2026, 11, 22, 1, 0, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)
INCIDENT = str(uuid.UUID(int=77))


def told(minutes: float, key: str = "k", **changed: Any) -> Any:
    """An alarm that was raised and told so many minutes after T0, and is over."""
    at = T0 + minutes * MINUTE
    number = told.__dict__["number"] = told.__dict__.get("number", 0) + 1
    made = msgspec.structs.replace(
        alarm(1, key=key),
        id=str(uuid7(at, number.to_bytes(10, "big"))),
        raised_at=at,
        seen_at=at,
        cleared_at=at + MINUTE / 10,
        severity="minor",
        match="linked",
    )
    source, area = changed.pop("source", "gauge"), changed.pop("area", made.source.area)
    changed["source"] = msgspec.structs.replace(made.source, code=source, name=source.upper(), area=area)
    return msgspec.structs.replace(made, **changed)


async def incident(transaction: Transaction, number: int, minutes: float, status: str = "new") -> str:
    at, name = T0 + minutes * MINUTE, str(uuid.UUID(int=number))
    made, _ = opened(alarm(), Titles("", ""), PLACE, name, at)
    await kept.save_incident(transaction, msgspec.structs.replace(made, key=name, status=status), None)
    return name


async def log(transaction: Transaction, incident_id: str, what: str, minutes: float, who: str = "lan") -> None:
    await transaction.connection.execute(
        "insert into incident_log (incident, centre, area, at, who, what, text) values ($1, $2, $3, $4, $5, $6, '')",
        uuid.UUID(incident_id), PLACE.centre, PLACE.area, T0 + minutes * MINUTE, who, what,
    )  # fmt: skip


async def made(database: Database, hour: dt.datetime = T0, alarms: Sequence[Any] = ()) -> Hour:
    async with database.transaction(EVERYTHING) as transaction:
        await kept_alarms.save_alarms(transaction, alarms)
        await alarm_quality.keep(transaction, hour, hour + HOUR)
        [found] = await alarm_quality.hours(transaction, (hour, hour + HOUR))
    return found


async def test_an_hour_counted_by_hand(database: Database) -> None:
    alarms = [
        told(0, severity="moderate"),
        told(9.99),
        told(10, "b", severity="severe"),
        told(59.99, "c", severity="extreme"),
        told(-0.01, "before"),
        told(60, "after"),
        told(5, "s", match="silenced"),
        told(6, "t", match="suppressed"),
        told(7, "u", match="history"),
    ]
    async with database.transaction(EVERYTHING) as transaction:
        await incident(transaction, 1, 0)
        await incident(transaction, 2, 25, "false_alarm")
        await incident(transaction, 3, 60)
    found = await made(database, alarms=alarms)
    assert found == Hour(
        at=T0, operators=0, alarms=(2, 1, 0, 0, 0, 1), incidents=(1, 0, 1, 0, 0, 0), severities=(1, 1, 1, 1), hidden=3,
        false_alarms=1,
    )  # fmt: skip


async def test_an_alarm_is_owned_when_a_person_had_its_incident_within_a_minute(database: Database) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        early, late, ours, none = [await incident(transaction, number, 0) for number in (1, 2, 3, 4)]
        await log(transaction, early, "acknowledged", 1)
        await log(transaction, late, "acknowledged", 1.01)
        await log(transaction, ours, "started", -60)
        await log(transaction, none, "opened", 0, "system")
    alarms = [told(0, name, incident=name) for name in (early, late, ours, none)] + [told(0, "alone", incident=None)]
    assert (await made(database, alarms=alarms)).acknowledged == 2


async def test_what_chatters_and_what_flaps_is_counted_by_the_moments_at_which_it_was_raised(
    database: Database,
) -> None:
    chattering = [told(0, "chatters"), told(0.5, "chatters"), told(1, "chatters")]
    flapping = [told(minute, "flaps") for minute in (-10, 10, 30, 50)]
    calm = [told(minute, "calm") for minute in (0, 20, 40)]
    delivered = [told(5, "late", raised_at=T0 - number * HOUR) for number in (5, 4, 3, 2)]
    hidden = [told(second / 60, "hidden", match="silenced") for second in range(9)]
    found = await made(database, alarms=[*chattering, *flapping, *calm, *delivered, *hidden])
    assert (found.chattering, found.flapping) == (1, 1)


async def test_what_has_held_for_a_day_stands_until_it_is_cleared(database: Database) -> None:
    day = 24 * 60
    alarms = [
        told(-day - 1, "a", cleared_at=None),
        told(-day + 61, "b", cleared_at=None),
        told(-day - 1, "c", cleared_at=T0 + HOUR),
        told(-day - 1, "d", cleared_at=T0 + HOUR - MINUTE),
        told(-day - 1, "e", cleared_at=None, match="suppressed"),
    ]
    assert (await made(database, alarms=alarms)).standing == 2


async def test_the_worst_sources_come_first_and_those_of_an_area_alone(database: Database) -> None:
    far = "20791@2025-07-01"
    alarms = [told(n, f"a{n}", source="a") for n in range(3)] + [told(n, "b", source="b") for n in range(5)]
    alarms += [told(n, f"f{n}", source="far", area=far) for n in range(2)]
    await made(database, alarms=[*alarms, told(1, "z", source="z", match="silenced")])
    span = (T0, T0 + HOUR)
    async with database.transaction(EVERYTHING, read_only=True) as transaction:
        found = await alarm_quality.worst(transaction, span)
        assert [(one.source, one.alarms) for one in found] == [("b", 5), ("a", 3), ("far", 2)]
        assert found[0] == Worst(
            source="b", source_name="B", source_kind="sensor", centre="quang-nam", alarms=5, chattering=0, flapping=1
        )
        assert len(await alarm_quality.worst(transaction, span, most=1)) == 1
        assert [one.source for one in await alarm_quality.worst(transaction, span, far)] == ["far"]
        [there] = await alarm_quality.hours(transaction, span, far)
        [whole] = await alarm_quality.hours(transaction, span)
        assert (sum(there.alarms), sum(whole.alarms)) == (2, 10)
        [nowhere] = await alarm_quality.hours(transaction, span, "nowhere")
        assert sum(nowhere.alarms) == 0
    other = Scope(frozenset({"hoi-an"}))
    async with database.transaction(other, read_only=True) as transaction:
        assert await alarm_quality.worst(transaction, span) == []
        [theirs] = await alarm_quality.hours(transaction, span)
        assert sum(theirs.alarms) == 0


async def test_who_worked_in_an_hour_is_counted_by_centre_and_stays(
    database: Database, admin: asyncpg.Connection
) -> None:
    accounts = (
        ("an", "operator", None),
        ("binh", "admin", None),
        ("cuc", "district", "hoi-an"),
        ("dao", "viewer", None),
    )
    async with database.transaction(EVERYTHING) as transaction:
        for login, role, centre in (*accounts, ("em", "operator", "quang-nam")):
            person = Person(login=login, name=login, role=role, centre=centre, language="vi")
            account = await people.create_account(transaction, uuid.uuid4(), person, "-", T0)
            if login != "binh":
                await transaction.connection.execute(
                    "insert into sessions values ($1, gen_random_uuid(), $2, '', '', $3, $4, $4)",
                    login.encode(), account, T0 + MINUTE, T0 + 2 * MINUTE,
                )  # fmt: skip
        name = await incident(transaction, 1, 0)
        await log(transaction, name, "acknowledged", 3, "binh")
    assert (await made(database)).operators == 4
    await admin.execute("delete from sessions")
    async with database.transaction(EVERYTHING) as transaction:
        await alarm_quality.keep(transaction, T0, T0 + HOUR)  # again, when those people have gone home
        [ours] = await alarm_quality.hours(transaction, (T0, T0 + HOUR), centre="quang-nam")
        await alarm_quality.keep(transaction, T0 + HOUR, T0 + 2 * HOUR)
        [_, after] = await alarm_quality.hours(transaction, (T0, T0 + 2 * HOUR))
    assert (ours.operators, after.operators) == (3, 0)


async def test_an_hour_is_kept_once_and_survives_its_alarms(database: Database, admin: asyncpg.Connection) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        assert await alarm_quality.newest(transaction) is None
        assert await alarm_quality.oldest_alarm(transaction) is None
    first = await made(database, alarms=[told(1), told(2)])
    assert await made(database) == first
    async with database.transaction(EVERYTHING) as transaction:
        assert await alarm_quality.newest(transaction) == T0
        assert await alarm_quality.oldest_alarm(transaction) == T0 + MINUTE
    await admin.execute("delete from alarms")
    async with database.transaction(EVERYTHING) as transaction:
        assert await alarm_quality.hours(transaction, (T0, T0 + HOUR)) == [first]


async def test_an_hour_is_judged_anew_when_an_incident_turns_out_to_be_false(database: Database) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        await incident(transaction, 1, 5)
        await incident(transaction, 2, 70)
        for number in range(2):
            await alarm_quality.keep(transaction, T0 + number * HOUR, T0 + 3 * HOUR)
        assert await alarm_quality.judged(transaction, T0) == []
        await incident(transaction, 1, 5, "false_alarm")
        assert await alarm_quality.judged(transaction, T0) == [T0]
        assert await alarm_quality.judged(transaction, T0 + HOUR) == []
        await alarm_quality.keep(transaction, T0, T0 + 3 * HOUR)
        assert await alarm_quality.judged(transaction, T0) == []
        await incident(transaction, 1, 5, "reopened")
        assert await alarm_quality.judged(transaction, T0) == [T0]


def test_an_hour_begins_at_its_full_hour() -> None:
    zone = dt.timezone(dt.timedelta(hours=5, minutes=30))
    assert alarm_quality.hour_of(dt.datetime(2026, 11, 22, 7, 1, 2, 3, tzinfo=zone)) == T0
