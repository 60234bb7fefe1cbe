"""Row-level security on a real PostgreSQL: a scope shows its centres alone, in every table."""

import datetime as dt
import uuid
from typing import Any

import asyncpg
import pytest

from ioc.access.scope import EVERYTHING, Scope, Thing
from ioc.store import changes
from ioc.store.database import Database
from tests.conftest import Fresh
from tests.fakes.scoped_duty import duty_row, team_row
from tests.fakes.scoped_endpoints import endpoint_row
from tests.fakes.scoped_enrolment import code_row, enrolment_row
from tests.fakes.scoped_messages import notification_row
from tests.fakes.scoped_tickets import stay_row, ticket_row
from tests.fakes.scoped_told import notice_row, report_row
from tests.fakes.things import NOW

SCOPED = (
    "devices",
    "positions",
    "cameras",
    "workings",
    "enrolment_codes",
    "enrolments",
    "streams",
    "owners",
    "readings",
    "rollups",
    "latest",
    "sightings",
    "sighting_reports",
    "media",
    "incidents",
    "incident_log",
    "alarms",
    "changes",
    "dead_letters",
    "sequences",
    "rule_overrides",
    "silences",
    "tickets",
    "ticket_stays",
    "teams",
    "duties",
    "endpoints",
    "notifications",
    "report_updates",
    "alarm_quality",
    "alarm_sources",
    "reports",
    "reporters",
    "notices",
)

EMPTY_TEXTS = {
    "sightings": ("run", "kind", "subject", "direction", "object_class", "track"),
    "media": ("kind", "content_type"),
    "incidents": ("title", "title_en", "category", "area_code", "area_name"),
    "incident_log": ("who", "what", "text"),
    "alarms": ("rule", "category", "source_kind", "source", "source_name", "property"),
    "dead_letters": ("topic", "code", "reason"),
}


HERE = "SRID=4326;POINT(108 15.5)"


def things(code: str, stream: int) -> dict[str, dict[str, Any]]:
    """The rows of the register and of what devices say."""
    thing = {"code": code, "name": "n", "kind": "k", "state_since": NOW, "geom": HERE}
    value = {"stream": stream, "at": NOW, "arrived_at": NOW, "value": 1.0, "quality": 0, "derived": False}
    return {
        "devices": {**thing, "profile": "p"},
        "positions": {"code": code, "subject": "device", "valid_from": NOW, "geom": HERE},
        "cameras": {**thing, "code": f"{code}-eye", "settings": "{}"},
        "enrolment_codes": code_row(code, NOW),
        "enrolments": enrolment_row(code, NOW),
        "workings": {"subject": "device", "code": f"{code}-worked", "what": "failing", "began": NOW},
        "latest": value,
        "dead_letters": {"head": b"", "bytes": 0, "sha256": b"", "arrived_at": NOW},
        "rule_overrides": {
            "pack": "p",
            "code": "r",
            "kind": "device",
            "subject": f"{code}-ruled",
            "first_version": 1,
            "body": "{}",
        },
    }


def happenings(code: str, id_: uuid.UUID) -> dict[str, dict[str, Any]]:
    """The rows of what cameras saw and of what followed."""
    return {
        "sightings": {"id": id_, "camera": code, "seq": 1, "at": NOW, "box": [], "arrived_at": NOW},
        "sighting_reports": {"sighting": id_, "camera": code, "run": "", "seq": 1, "at": NOW},
        "media": {"id": id_, "source": code, "bytes": 1, "sha256": b"", "taken_at": NOW, "expires_at": NOW},
        "incidents": {
            "id": id_,
            "version": 1,
            "key": code,
            "severity": "minor",
            "status": "new",
            "sources": [],
            "alarms": 1,
            "count": 1,
            "cleared": False,
            "geom": HERE,
            **dict.fromkeys(("opened_at", "updated_at", "first_at", "last_at"), NOW),
        },
        "incident_log": {"incident": id_, "at": NOW},
        "alarms": {
            "id": id_,
            "key": code,
            "severity": "minor",
            "count": 1,
            "evidence": "{}",
            "geom": HERE,
            **dict.fromkeys(("raised_at", "seen_at"), NOW),
        },
        "changes": {"subject": "device", "subject_id": code, "op": "put", "at": NOW, "value": "{}"},
    }


def muted(code: str, id_: uuid.UUID) -> dict[str, dict[str, Any]]:
    """The rows of what people mute, and of how good the alarms are."""
    times = {"starts": NOW, "until": NOW + dt.timedelta(hours=1), "created_at": NOW}
    counts = dict.fromkeys(("chattering", "flapping"), 0)
    more = dict.fromkeys(("hidden", "acknowledged", "standing", "false_alarms"), 0)
    lists = {"alarms": [0] * 6, "incidents": [0] * 6, "severities": [0] * 4}
    source = {"source_kind": "sensor", "source": code, "source_name": "", "alarms": 1}
    return {
        "silences": {"id": id_, "author": "a", "reason": "r", "sources": [code], "worst": "severe", **times},
        "alarm_quality": {"hour": NOW.replace(minute=0), **lists, **counts, **more},
        "alarm_sources": {"hour": NOW.replace(minute=0), **source, **counts},
    }


def told(id_: uuid.UUID) -> dict[str, dict[str, Any]]:
    """The rows of what citizens and agencies told, and of who told it."""
    thing = Thing("report", "", "", None, NOW)
    return {
        "reports": report_row(id_, thing, NOW),
        "reporters": {"report": id_, "at": NOW, "name": "n", "phone": "p"},
        "notices": notice_row(id_, thing, NOW),
    }


def worked(code: str, id_: uuid.UUID) -> dict[str, dict[str, Any]]:
    """The rows of what units have to do, of who works for them and of what people are told."""
    thing = Thing("ticket", "", "", None, NOW)
    words = dict.fromkeys(("channel", "number", "step", "unit"), "")
    update = {"id": id_, "report": id_, "ticket": id_, "version": 1, "at": NOW, "state": "offered", "next_at": NOW}
    return {
        "tickets": ticket_row(id_, thing, NOW),
        "ticket_stays": stay_row(id_, thing, NOW),
        "teams": team_row(code, thing, NOW),
        "duties": duty_row(id_, thing, NOW),
        "endpoints": endpoint_row(code, thing, NOW),
        "notifications": notification_row(code, thing, NOW),
        "report_updates": update | words,
    }


def rostered(code: str, id_: uuid.UUID) -> dict[str, dict[str, Any]]:
    """The rows of teams, and of who is on duty."""
    thing = Thing("duty", "", "", None, NOW)
    return {"teams": team_row(code, thing, NOW), "duties": duty_row(id_, thing, NOW)}


def rows_of(centre: str, number: int, stream: int) -> dict[str, dict[str, Any]]:
    """One row of each scoped table but `streams` and `sequences`; `geom` as EWKT."""
    code = f"thing-{number}"
    owned = {"centre": centre, "area": "x@2025-07-01"}
    id_ = uuid.UUID(int=number + 1)
    rows = things(code, stream) | happenings(code, id_) | muted(code, id_) | told(id_) | worked(code, id_)
    return {table: dict.fromkeys(EMPTY_TEXTS.get(table, ()), "") | row | owned for table, row in rows.items()}


def owned_rows(owner: int, stream: int) -> dict[str, dict[str, Any]]:
    """One row of each table whose rows name their owner by its number."""
    row = {"stream": stream, "owner": owner, "retention": 2}
    value = {"at": NOW, "arrived_at": NOW, "value": 1.0, "quality": 0, "derived": False, "seq": 1, "run": ""}
    counts = {"hour": NOW, "total": 1, "low": 1.0, "high": 1.0, "covered": 1, "count": 1, "doubtful": 0}
    return {"readings": row | value, "rollups": row | counts}


OWNED = ("readings", "rollups")


def centres_of(table: str) -> str:
    """The question whose things a table has."""
    if table in OWNED:
        return f"select distinct o.centre from {table} r join owners o on o.id = r.owner order by 1"
    return f"select distinct centre from {table} order by 1"


@pytest.fixture
async def two_centres(admin: asyncpg.Connection) -> None:
    """One row of each scoped table for quang-nam, and one for thang-binh."""
    await admin.execute("select ensure_readings_day($1)", NOW.date())
    month = NOW.replace(day=1, hour=0)
    await admin.execute("insert into rules (pack, code, version, enabled) values ('p', 'r', 1, true)")
    await admin.execute("select ensure_partition('rollups', 2, $1, $2)", month, month + dt.timedelta(days=30))
    await admin.execute("insert into alarm_hours values ($1, '{}', $1)", NOW.replace(minute=0))
    for number, centre in enumerate(("quang-nam", "thang-binh")):
        stream = await admin.fetchval(
            "insert into streams (centre, device, property, unit, retention) values ($1, $2, 'p', 'm', 2) returning id",
            centre,
            f"thing-{number}",
        )
        await admin.execute(
            """insert into sequences (device, run, centre, epoch, base, ranges, through, arrived_at, missing, told)
               values ($1, '', $2, 0, 0, '[]', 0, $3, 0, true)""",
            f"thing-{number}",
            centre,
            NOW,
        )
        owner = await admin.fetchval(
            "insert into owners (centre, area) values ($1, 'x@2025-07-01') returning id", centre
        )
        for table, row in (rows_of(centre, number, stream) | owned_rows(owner, stream)).items():
            marks = (f"${n}::text::geometry" if name == "geom" else f"${n}" for n, name in enumerate(row, 1))
            await admin.execute(f"insert into {table} ({', '.join(row)}) values ({', '.join(marks)})", *row.values())


async def test_every_table_that_names_its_owner_by_number_is_bound(admin: asyncpg.Connection) -> None:
    rows = await admin.fetch(
        """select c.relname, c.relrowsecurity from pg_class c join pg_attribute a on a.attrelid = c.oid
           where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
           and a.attname = 'owner' and a.atttypid = 'int'::regtype"""
    )
    assert {row["relname"]: row["relrowsecurity"] for row in rows} == dict.fromkeys(OWNED, True)


async def test_every_table_with_a_centre_and_an_area_is_bound_by_row_level_security(admin: asyncpg.Connection) -> None:
    rows = await admin.fetch(
        """select c.relname, c.relrowsecurity from pg_class c join pg_attribute a on a.attrelid = c.oid
           where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
           and a.attname = 'centre'
           and c.relname not in ('accounts', 'centre_areas', 'audit', 'centre_merges', 'former_topics')"""
    )
    assert {row["relname"] for row in rows} == set(SCOPED) - set(OWNED)
    assert all(row["relrowsecurity"] for row in rows)


@pytest.mark.usefixtures("two_centres")
@pytest.mark.parametrize("table", SCOPED)
async def test_a_scope_shows_its_centre_alone_and_no_scope_shows_nothing(fresh: Fresh, table: str) -> None:
    question = centres_of(table)
    seen = {}
    async with Database.open(fresh.url(), size=1) as database:
        for name, scope in {
            "everything": EVERYTHING,
            "district": Scope(frozenset({"thang-binh"})),
            "both": Scope(frozenset({"thang-binh", "quang-nam"})),
            "nothing": Scope(frozenset()),
            "elsewhere": Scope(frozenset({"hoi-an"})),
        }.items():
            async with database.transaction(scope, read_only=True) as transaction:
                seen[name] = [row["centre"] for row in await transaction.connection.fetch(question)]
    assert seen == {
        "everything": ["quang-nam", "thang-binh"],
        "district": ["thang-binh"],
        "both": ["quang-nam", "thang-binh"],
        "nothing": [],
        "elsewhere": [],
    }


@pytest.mark.usefixtures("two_centres")
@pytest.mark.parametrize("table", SCOPED)
async def test_a_scope_never_outlives_its_transaction_on_a_pooled_connection(fresh: Fresh, table: str) -> None:
    async with Database.open(fresh.url(), size=1) as database:
        async with database._pool.acquire() as connection:
            assert await connection.fetchval(f"select count(*) from {table}") == 0
        async with database.transaction(EVERYTHING):
            pass
        async with database._pool.acquire() as connection:
            assert await connection.fetchval(f"select count(*) from {table}") == 0


@pytest.mark.usefixtures("two_centres")
async def test_a_partition_shows_nothing_to_who_asks_it_directly(fresh: Fresh) -> None:
    async with Database.open(fresh.url(), size=1) as database:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.transaction(Scope(frozenset({"thang-binh"}))) as transaction:
                await transaction.connection.fetch(f"select * from readings_c2_{NOW:%Y%m%d}")


@pytest.mark.usefixtures("two_centres")
async def test_nothing_can_be_written_outside_the_scope(fresh: Fresh) -> None:
    async with Database.open(fresh.url(), size=1) as database:
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
            async with database.transaction(Scope(frozenset({"thang-binh"}))) as transaction:
                await transaction.connection.execute("update devices set centre = 'quang-nam'")


async def test_what_left_the_scope_is_told_once_more_to_who_saw_it(database: Database) -> None:
    moved = changes.Change(
        subject="device", subject_id="d", op="put", centre="quang-nam", area="x", at=NOW, value={},
        centre_before="thang-binh",
    )  # fmt: skip
    async with database.transaction(EVERYTHING) as transaction:
        await changes.record(transaction, [moved])
    for centre, seen in (("thang-binh", 1), ("quang-nam", 1), ("hoi-an", 0)):
        async with database.transaction(Scope(frozenset({centre}))) as transaction:
            assert len(await changes.after(transaction, 0, 10)) == seen
