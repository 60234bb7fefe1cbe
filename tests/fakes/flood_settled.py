"""What must hold when the scripted flood is over: the incidents that were written down by reading, and nothing else."""

import datetime as dt
import itertools
from collections import Counter
from collections.abc import Sequence
from typing import Any

import asyncpg

from gis.distance import metres
from ioc import catalogue, doubts
from ioc.access.scope import EVERYTHING
from ioc.incidents.severity import ORDER
from ioc.store.database import Database
from tests.fakes import flood
from tests.fakes.flood import Script
from tests.fakes.flood_office import Office

Tale = tuple[str, str, str, tuple[str, ...]]
"""An incident as it is compared: category, place, worst severity, members."""


ALARMS = """
select a.id::text, a.key, a.source, a.source_kind, a.property, a.match, a.category, a.raised_at, a.area,
       coalesce(a.evidence->>'worst', a.severity) as worst, st_x(a.geom) as lon, st_y(a.geom) as lat,
       i.id::text as incident, i.category as of, i.area as stands, i.area_name, i.status,
       array[st_x(i.geom), st_y(i.geom)] as at
from alarms a left join incidents i on i.id = a.incident
where not coalesce((a.evidence->>'withdrawn')::boolean, false)
order by a.raised_at, a.key collate "C"
"""


def label(alarm: Any) -> str:
    """What the expected incidents call an alarm."""
    if alarm["source_kind"] in ("citizen", "agency"):
        return str(alarm["key"].rpartition(":")[2])
    return f"{alarm['property']} {alarm['source']}" if alarm["source_kind"] == "system" else str(alarm["source"])


async def incidents(admin: asyncpg.Connection) -> list[tuple[list[Any], Any]]:
    """The own alarms of each incident that is not a duplicate, in their order."""
    found: dict[str, list[Any]] = {}
    for alarm in await admin.fetch(ALARMS):
        if alarm["incident"] is not None and alarm["match"] != "suppressed":
            assert alarm["status"] != "duplicate", f"{label(alarm)} belongs to a duplicate"
            found.setdefault(alarm["incident"], []).append(alarm)
    return list(found.values())


def told(members: Sequence[Any]) -> Tale:
    """An incident as it is compared."""
    first = members[0]
    worst = max((one["worst"] for one in members), key=ORDER.index)
    place = first["area_name"].partition(" ")[2]  # without the kind of unit
    return first["of"], place, worst, tuple(sorted(map(label, members)))


async def settled(office: Office, admin: asyncpg.Connection) -> None:
    """All that must hold in the end. An incident is where its earliest alarm is, whichever arrived first."""
    wanted, alarms = flood.expected(), await admin.fetch(ALARMS)
    found = await incidents(admin)
    tales = sorted(told(members) for members in found)
    expected = sorted((one.category, one.place, one.worst, tuple(sorted(one.members))) for one in wanted.incident)
    wrong = unlike(expected, tales)
    assert not wrong, "\n".join(wrong)
    await waits(office.database, found, wanted.waiting)
    await related(admin, found, wanted.river)
    duplicates = await redirected(admin, found)
    names = {alarm["incident"]: told(members)[3] for members in found for alarm in members}
    held = {label(one): names[one["incident"]] for one in alarms if one["match"] == "suppressed"}
    assert held == {one.alarm: (one.parent,) for one in wanted.suppressed}
    for members in found:
        first = members[0]
        assert (first["stands"], *first["at"]) == (first["area"], first["lon"], first["lat"])
    within_bounds(found)
    whole(alarms, office.script)
    print(f"{len(alarms)} alarms: {len(found)} incidents, {len(wanted.waiting)} wait, {duplicates} duplicates")  # noqa: T201


def unlike(expected: Sequence[Tale], tales: Sequence[Tale]) -> list[str]:
    """What is missing and what is too much; the place of a figure of the whole city does not count."""
    left, missing = list(tales), []
    for one in expected:
        same = [tale for tale in left if (tale[0], *tale[2:]) == (one[0], *one[2:])]
        same = [tale for tale in same if one[1] in ("", tale[1])]
        if same:
            left.remove(same[0])
        else:
            missing.append(f"expected {one}")
    return missing + [f"found {one}" for one in left]


async def waits(database: Database, found: Sequence[Sequence[Any]], wanted: Sequence[flood.Waiting]) -> None:
    """The queue of doubtful matches: those that wait, and the incidents between which a person decides."""
    async with database.transaction(EVERYTHING, read_only=True) as transaction:
        queue = await doubts.queue(transaction, catalogue.policy(), 100)
    opened = {members[0]["incident"]: (*told(members)[:2], label(members[0])) for members in found}
    between = {
        doubt.alarm.key.rpartition(":")[2]: sorted(opened[one.incident.id] for one in doubt.candidates)
        for doubt in queue
    }
    assert between == {one.alarm: sorted(one.candidates) for one in wanted}


async def related(admin: asyncpg.Connection, found: Sequence[Sequence[Any]], wanted: Sequence[flood.River]) -> None:
    """What is related along a river, by the gauges of the incidents."""
    gauges = {one["incident"]: label(one) for members in found for one in members if label(one).startswith("gauge-")}
    rows = await admin.fetch(
        "select incident::text, other::text from incident_relations where kind = 'downstream' "
        "and not exists (select from incidents where id in (incident, other) and status = 'duplicate')"
    )
    pairs = sorted((gauges[row["incident"]], gauges[row["other"]]) for row in rows)
    assert pairs == sorted((one.downstream, up) for one in wanted for up in one.upstream)


async def redirected(admin: asyncpg.Connection, found: Sequence[Sequence[Any]]) -> int:
    """How many incidents are duplicates; each of what stands for it, and nothing else is without alarms."""
    standing = {members[0]["incident"] for members in found}
    rows = await admin.fetch("select id::text, status, duplicate_of::text as other from incidents")
    assert {row["id"] for row in rows if row["status"] != "duplicate"} == standing
    assert {row["other"] for row in rows if row["status"] == "duplicate"} <= standing
    return len(rows) - len(standing)


def within_bounds(found: Sequence[Sequence[Any]]) -> None:
    """No incident is wider or longer than its category may be."""
    policy = catalogue.policy()
    for members in found:
        about = policy.category(members[0]["of"])
        for one, other in itertools.combinations(members, 2):
            assert metres(one["lon"], one["lat"], other["lon"], other["lat"]) <= about.diameter_m
        assert members[-1]["raised_at"] - members[0]["raised_at"] <= dt.timedelta(hours=about.hours)


def whole(alarms: Sequence[Any], script: Script) -> None:
    """Every event belongs to exactly one incident or waits, by the alarm that tells it."""
    placed = {label(one): one["incident"] for one in alarms}
    many = Counter(label(one) for one in alarms)
    assert [name for name, number in many.items() if number > 1] == []
    for event in script.events:
        for name in script.sensed.get(event, {event}):
            assert name in placed, f"{event} ({name}) is lost"
    assert all(one["incident"] is not None or one["match"] == "waiting" for one in alarms)
