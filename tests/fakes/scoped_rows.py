"""One row for every combination of centre, area, camera and time, in every table that row-level security binds."""

import datetime as dt
import itertools
import uuid
from collections.abc import Iterator
from typing import Any

import asyncpg
import msgspec

from ioc.access.scope import Thing
from ioc.retention import span_of
from tests.fakes import scoped_endpoints, scoped_enrolment, scoped_messages
from tests.fakes.scoped_duty import duty_row, team_row
from tests.fakes.scoped_tickets import line_row, stay_row, ticket_row, timer_row
from tests.fakes.scoped_told import notice_row, report_row, update_row

OWN, FOREIGN = "quang-nam", "hoi-an"
ROOT, INSIDE, OUTSIDE = "502@2024-09-01", "20341@2025-07-01", "20410@2025-07-01"
GROUP = ("cam-group", *(f"cam-group-{number}" for number in range(4)))
OTHERS = ("cam-other", *(f"cam-other-{number}" for number in range(4)))
AGES = (None, dt.timedelta(hours=1), dt.timedelta(days=3))
PLACES = tuple(itertools.product((OWN, FOREIGN), (INSIDE, OUTSIDE)))
OF_INCIDENTS = ("incidents", "incident_log", "incident_seen", "incident_checklist", "incident_moves", "moved_alarms")
POINT = "SRID=4326;POINT(108 15.5)"

KEYS = {
    **scoped_endpoints.KEYS,
    **scoped_enrolment.KEYS,
    **scoped_messages.KEYS,
    **dict.fromkeys(("devices", "cameras", "positions", "workings", "register_log"), "code"),
    "readings": "run",
    "rollups": "total::text",
    "owners": "centre || ' ' || area",
    "latest": "stream::text",
    "streams": "device",
    "sequences": "device",
    "dead_letters": "topic",
    "incident_log": "text",
    "incident_seen": "who",
    "incident_checklist": "incident::text",
    "incident_moves": "source::text",
    "moved_alarms": "alarm::text",
    "changes": "subject_id",
    "rule_overrides": "subject",
    "silenced": "alarm::text",
    "tickets": "id::text",
    "teams": "code",
    "duties": "id::text",
    "ticket_log": "text",
    "ticket_stays": "ticket::text",
    "ticket_timers": "ticket::text",
    "alarm_quality": "hidden::text",
    "alarm_sources": "source_name",
    **dict.fromkeys(
        ("sightings", "media", "incidents", "alarms", "silences", "reports", "notices", "report_updates"), "id::text"
    ),
}
"""Table to the expression under which its rows are told apart here."""


class Put(msgspec.Struct, frozen=True):
    """A row that is there, and what it is to the policy."""

    table: str
    key: str
    thing: Thing


async def insert(connection: asyncpg.Connection, table: str, values: dict[str, Any]) -> None:
    """One row; `geom` is EWKT."""
    marks = ", ".join(
        f"${number}" + ("::text::geometry" if name == "geom" else "") for number, name in enumerate(values, 1)
    )
    await connection.execute(f"insert into {table} ({', '.join(values)}) values ({marks})", *values.values())


def incident_row(id: uuid.UUID, thing: Thing, now: dt.datetime) -> dict[str, Any]:  # noqa: A002
    words = dict.fromkeys(("title", "title_en", "category", "area_code", "area_name"), "")
    times = dict.fromkeys(("opened_at", "updated_at", "first_at", "last_at"), thing.at or now)
    return {
        "id": id,
        "centre": thing.centre,
        "area": thing.area,
        "camera": thing.camera,
        "version": 1,
        "key": str(id),
        "severity": "minor",
        "status": "closed" if thing.at else "new",
        "sources": [],
        "alarms": 1,
        "count": 1,
        "cleared": False,
        "geom": POINT,
        **words,
        **times,
    }


def _alarm_row(id: uuid.UUID, thing: Thing, now: dt.datetime) -> dict[str, Any]:  # noqa: A002
    words = dict.fromkeys(("rule", "category", "source_name", "property"), "")
    source = ("camera", thing.camera) if thing.camera else ("sensor", "gauge")
    return {
        "id": id,
        "centre": thing.centre,
        "area": thing.area,
        "key": str(id),
        "severity": "minor",
        **words,
        "source_kind": source[0],
        "source": source[1],
        "raised_at": now,
        "seen_at": now,
        "cleared_at": thing.at,
        "count": 1,
        "evidence": "{}",
        "geom": POINT,
    }


def device_row(code: str, thing: Thing, now: dt.datetime) -> dict[str, Any]:
    return {
        "code": code,
        "centre": thing.centre,
        "area": thing.area,
        "name": "",
        "kind": "",
        "state_since": now,
        **({"settings": "{}"} if thing.kind == "camera" else {"profile": ""}),
        "geom": POINT,
    }


def _things(
    kind: str, cameras: tuple[str | None, ...], ages: tuple[dt.timedelta | None, ...], now: dt.datetime
) -> Iterator[Thing]:
    for (centre, area), camera, age in itertools.product(PLACES, cameras, ages):
        yield Thing(kind, centre, area, camera, None if age is None else now - age)


async def _registered(connection: asyncpg.Connection, now: dt.datetime) -> list[Put]:
    """Devices with a stream and its latest value, cameras, and where both stand."""
    found = []
    for number, (centre, area) in enumerate(PLACES):
        device, reading = Thing("device", centre, area), Thing("reading", centre, area)
        await insert(connection, "devices", device_row(f"dev-{number}", device, now))
        await insert(connection, "streams", {
            "centre": centre, "device": f"dev-{number}", "property": "p", "unit": "", "retention": 2,
        })  # fmt: skip
        stream = await connection.fetchval("select id from streams where device = $1", f"dev-{number}")
        await insert(connection, "latest", {
            "stream": stream, "centre": centre, "area": area, "at": now - AGES[2], "arrived_at": now, "value": 1.0,
            "quality": 0, "derived": False,
        })  # fmt: skip
        await insert(connection, "sequences", {
            "device": f"dev-{number}", "run": "", "centre": centre, "epoch": 0, "base": 0, "ranges": "[]", "through": 0,
            "arrived_at": now, "missing": 0, "told": True,
        })  # fmt: skip
        found.append(Put("sequences", f"dev-{number}", device))
        enrolled = await scoped_enrolment.put(connection, f"new-{number}", device, now)
        found += [Put(table, key, device) for table, key in enrolled]
        found += [Put("devices", f"dev-{number}", device), Put("streams", f"dev-{number}", reading)]
        found.append(Put("latest", str(stream), reading))
        cameras = [Thing("camera", centre, area, group[number + 1]) for group in (GROUP, OTHERS)]
        for thing, code in ((device, f"dev-{number}"), *((one, one.camera or "") for one in cameras)):
            row = {
                "code": code,
                "subject": thing.kind,
                "valid_from": now,
                "centre": centre,
                "area": area,
                "geom": POINT,
            }
            await insert(connection, "positions", row)
            line = {"subject": thing.kind, "code": code, "version": 1, "at": now, "who": "", "act": "", "changes": "[]"}
            await insert(connection, "register_log", line)
            # PostgreSQL itself enters when they work.
            found += [Put(table, code, thing) for table in ("positions", "workings", "register_log")]
        for thing in cameras:
            await insert(connection, "cameras", device_row(thing.camera or "", thing, now))
            found.append(Put("cameras", thing.camera or "", thing))
    return found


async def _seen(connection: asyncpg.Connection, now: dt.datetime) -> list[Put]:
    """Incidents with a log line, alarms, sightings and pictures."""
    found = []
    cameras = (None, GROUP[0], OTHERS[0])
    for thing in _things("incident", cameras, AGES, now):
        id = uuid.uuid4()  # noqa: A001
        await insert(connection, "incidents", incident_row(id, thing, now))
        line = {"incident": id, "centre": thing.centre, "area": thing.area, "at": now, "who": "", "what": ""}
        await insert(connection, "incident_log", line | {"text": str(id)})
        seen = {"first_at": now, "last_at": now, "version": 1}
        await insert(connection, "incident_seen", {"incident": id, "who": str(id), **seen})
        await insert(connection, "incident_checklist", {"incident": id, "items": "[]"})
        await insert(connection, "incident_moves", {"source": id, "target": id, "move": "{}", "through": 0})
        number = await connection.fetchval("select max(id) from incident_moves")
        await insert(connection, "moved_alarms", {"move": number, "alarm": id, "match": ""})
        found += [Put(table, str(id), thing) for table in OF_INCIDENTS]
    for thing in _things("alarm", cameras, AGES, now):
        id = uuid.uuid4()  # noqa: A001
        await insert(connection, "alarms", _alarm_row(id, thing, now))
        found.append(Put("alarms", str(id), thing))
    for kind, table in (("sighting", "sightings"), ("media", "media")):
        for thing in _things(kind, cameras[1:], AGES[1:], now):
            id = uuid.uuid4()  # noqa: A001
            await insert(connection, table, _sighting_row(id, thing) if kind == "sighting" else _media_row(id, thing))
            found.append(Put(table, str(id), thing))
    return found


def _sighting_row(id: uuid.UUID, thing: Thing) -> dict[str, Any]:  # noqa: A002
    words = dict.fromkeys(("kind", "subject", "direction", "object_class", "track"), "")
    return {
        "id": id,
        "centre": thing.centre,
        "area": thing.area,
        "camera": thing.camera,
        "run": str(id),
        "seq": 1,
        "at": thing.at,
        "arrived_at": thing.at,
        "box": [],
        **words,
    }


def _media_row(id: uuid.UUID, thing: Thing) -> dict[str, Any]:  # noqa: A002
    return {
        "id": id,
        "centre": thing.centre,
        "area": thing.area,
        "source": thing.camera,
        "kind": "",
        "bytes": 1,
        "content_type": "",
        "sha256": b"",
        "taken_at": thing.at,
        "expires_at": thing.at,
    }


async def _told(connection: asyncpg.Connection, now: dt.datetime) -> list[Put]:
    """What citizens and agencies told; a notice that names no end is current."""
    found = []
    for table, row_of, ages in (("reports", report_row, AGES[1:]), ("notices", notice_row, AGES)):
        for thing in _things("report", (None,), ages, now):
            id = uuid.uuid4()  # noqa: A001
            await insert(connection, table, row_of(id, thing, now))
            found.append(Put(table, str(id), thing))
            if table == "reports":
                await insert(connection, "report_updates", update_row(id, thing, now))
                found.append(Put("report_updates", str(id), thing))
    return found


async def _kept(connection: asyncpg.Connection, now: dt.datetime) -> list[Put]:
    """Readings, and letters that were refused, some of a centre that nobody knows."""
    found = []
    owners = {}
    for centre, area in PLACES:
        await insert(connection, "owners", {"centre": centre, "area": area})
        owners[centre, area] = await connection.fetchval("select max(id) from owners")
        found.append(Put("owners", f"{centre} {area}", Thing("reading", centre, area)))
    for age in AGES[1:]:
        await connection.execute("select ensure_readings_day($1)", (now - age).date())
        month = span_of("month", now - age)
        await connection.execute("select ensure_partition('rollups', 2, $1, $2)", month.first, month.end)
    for number, thing in enumerate(_things("reading", (None,), AGES[1:], now)):
        row = {"stream": 1, "owner": owners[thing.centre, thing.area], "retention": 2}
        value = {"at": thing.at, "seq": number, "value": 1.0, "quality": 0, "derived": False}
        await insert(connection, "readings", row | value | {"run": str(number), "arrived_at": now})
        sums = {"hour": thing.at, "total": number, "low": 1.0, "high": 1.0, "covered": 1, "count": 1, "doubtful": 0}
        await insert(connection, "rollups", row | sums | {"stream": number})
        found += [Put("readings", str(number), thing), Put("rollups", str(number), thing)]
    unknown = [Thing("dead_letter", None, None, None, now - AGES[1])]
    for number, thing in enumerate([*_things("dead_letter", (None,), AGES[1:], now), *unknown]):
        row = {"centre": thing.centre, "area": thing.area, "topic": str(number), "head": b"", "bytes": 0}
        await insert(
            connection, "dead_letters", row | {"sha256": b"", "code": "", "reason": "", "arrived_at": thing.at}
        )
        found.append(Put("dead_letters", str(number), thing))
    return found


async def _ruled(connection: asyncpg.Connection, now: dt.datetime) -> list[Put]:
    """A rule with limits of a device in each place, and of one that nobody registered."""
    await insert(connection, "rules", {"pack": "p", "code": "r", "version": 1, "enabled": True})
    found = []
    for number, thing in enumerate([*_things("rule", (None,), AGES[:1], now), Thing("rule", "", "")]):
        row = {"pack": "p", "code": "r", "kind": "device", "subject": f"ruled-{number}", "first_version": 1}
        await insert(connection, "rule_overrides", row | {"centre": thing.centre, "area": thing.area, "body": "{}"})
        found.append(Put("rule_overrides", f"ruled-{number}", thing))
    return found


def silence_row(id: uuid.UUID, thing: Thing, now: dt.datetime) -> dict[str, Any]:  # noqa: A002
    return {
        "id": id,
        "centre": thing.centre,
        "area": thing.area,
        "author": "",
        "reason": "r",
        "sources": ["s"],
        "worst": "severe",
        "starts": now - dt.timedelta(days=9),
        "until": thing.at or now + dt.timedelta(days=1),
        "created_at": now,
    }


async def _muted(connection: asyncpg.Connection, now: dt.datetime) -> list[Put]:
    """Silences, each with an alarm that it hid."""
    found = []
    for thing in _things("silence", (None,), AGES, now):
        id = uuid.uuid4()  # noqa: A001
        await insert(connection, "silences", silence_row(id, thing, now))
        await insert(connection, "silenced", {"silence": id, "alarm": id, "at": now, "severity": "minor"})
        found += [Put("silences", str(id), thing), Put("silenced", str(id), thing)]
    return found


async def _worked(connection: asyncpg.Connection, now: dt.datetime) -> list[Put]:
    """Tickets, each with a line of its log and the time that a unit had it."""
    found = []
    for thing in _things("ticket", (None, GROUP[0], OTHERS[0]), AGES, now):
        id = uuid.uuid4()  # noqa: A001
        await insert(connection, "tickets", ticket_row(id, thing, now))
        await insert(connection, "ticket_log", line_row(id, now))
        await insert(connection, "ticket_stays", stay_row(id, thing, now))
        await insert(connection, "ticket_timers", timer_row(id, now))
        found += [Put(table, str(id), thing) for table in ("tickets", "ticket_log", "ticket_timers")]
        found.append(Put("ticket_stays", str(id), msgspec.structs.replace(thing, camera=None)))
    return found


async def _counted(connection: asyncpg.Connection, now: dt.datetime) -> list[Put]:
    """Figures of hours by place, and by source."""
    found = []
    lists = {"alarms": [0] * 6, "incidents": [0] * 6, "severities": [0] * 4}
    plain = dict.fromkeys(("acknowledged", "chattering", "flapping", "standing", "false_alarms"), 0)
    for number, thing in enumerate(_things("alarm", (None, GROUP[0], OTHERS[0]), AGES[1:], now)):
        thing = msgspec.structs.replace(thing, at=thing.at.replace(minute=0, second=0, microsecond=0))
        await connection.execute("insert into alarm_hours values ($1, '{}', $1) on conflict do nothing", thing.at)
        place = {"hour": thing.at, "centre": thing.centre, "area": thing.area}
        if thing.camera is None:
            await insert(connection, "alarm_quality", place | lists | plain | {"hidden": number})
            found.append(Put("alarm_quality", str(number), thing))
        source = {"source_kind": "camera" if thing.camera else "sensor", "source": thing.camera or "gauge"}
        row = place | source | {"source_name": str(number), "alarms": 0, "chattering": 0, "flapping": 0}
        await insert(connection, "alarm_sources", row)
        found.append(Put("alarm_sources", str(number), thing))
    return found


async def _endpoints(connection: asyncpg.Connection, now: dt.datetime) -> list[Put]:
    """Where units are told."""
    found = []
    for number, thing in enumerate(_things("message", (None,), AGES[:1], now)):
        code = f"endpoint-{number}"
        await insert(connection, "endpoints", scoped_endpoints.endpoint_row(code, thing, now))
        found.append(Put("endpoints", code, thing))
    return found


async def _rostered(connection: asyncpg.Connection, now: dt.datetime) -> list[Put]:
    """Teams, and times on duty that last or are over."""
    found = []
    for number, thing in enumerate(_things("duty", (None,), AGES[:1], now)):
        await insert(connection, "teams", team_row(f"team-{number}", thing, now))
        found.append(Put("teams", f"team-{number}", thing))
    for thing in _things("duty", (None,), AGES, now):
        id = uuid.uuid4()  # noqa: A001
        await insert(connection, "duties", duty_row(id, thing, now))
        found.append(Put("duties", str(id), thing))
    return found


async def _spoken(connection: asyncpg.Connection, now: dt.datetime) -> list[Put]:
    """What people are told."""
    found = []
    for thing in _things("message", (None,), AGES[1:], now):
        id = uuid.uuid4()  # noqa: A001
        await insert(connection, "notifications", scoped_messages.notification_row(str(id), thing, now))
        number = await connection.fetchval("select id from notifications where key = $1", str(id))
        await insert(connection, "messages", scoped_messages.message_row(id, now))
        await insert(connection, "message_items", {"message": id, "notification": number})
        await insert(connection, "deliveries", scoped_messages.delivery_row(id, now))
        found += [Put(table, str(id), thing) for table in scoped_messages.TABLES]
    return found


async def put_all(connection: asyncpg.Connection, now: dt.datetime) -> list[Put]:
    """All rows of all tables but the change log."""
    parts = (_registered, _seen, _kept, _muted, _ruled, _counted, _told, _worked, _endpoints, _rostered, _spoken)
    return [one for part in parts for one in await part(connection, now)]
