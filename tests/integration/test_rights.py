"""The policy function and row-level security say the same, on every combination, and indexes stay in use."""

import datetime as dt
import itertools
import uuid
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from typing import Any

import asyncpg
import msgspec
import orjson
import pytest

from gis.layers import moment
from ioc.access.policy import PAST, Person, may, scope_of
from ioc.access.rights import KINDS, ROLES, WRITING, allows
from ioc.access.scope import EVERYTHING, Scope, Thing
from ioc.board import entry_of
from ioc.store import changes, people
from ioc.store.database import Database
from tests.conftest import Fresh
from tests.fakes.scoped_rows import (
    FOREIGN,
    GROUP,
    INSIDE,
    KEYS,
    OTHERS,
    OUTSIDE,
    OWN,
    PLACES,
    ROOT,
    Put,
    device_row,
    incident_row,
    insert,
    put_all,
    silence_row,
)
from tests.fakes.scoped_tickets import ticket_row

WRITTEN = (
    "incidents",
    "alarms",
    "devices",
    "cameras",
    "incident_log",
    "media",
    "sightings",
    "latest",
    "dead_letters",
    "sequences",
    "rule_overrides",
    "silences",
    "reports",
    "report_updates",
    "notices",
    "tickets",
    "ticket_stays",
    "endpoints",
    "teams",
    "duties",
    "notifications",
)

EMPTIED = "; ".join(f"delete from {table}" for table in ("cameras", "devices", "incidents", "silences", "tickets"))


@pytest.fixture
def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


@pytest.fixture
async def admin(fresh: Fresh) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(fresh.url("postgres"))
    yield connection
    await connection.close()


def everybody(subtree: tuple[str, ...]) -> Iterator[Person]:
    """Every role, bound and not bound in each way."""
    for role, centre, areas, cameras, span in itertools.product(
        (*ROLES, "nobody"), (None, OWN), ((), (ROOT,)), ((), GROUP), PAST
    ):
        yield Person(
            login="p", name="P", role=role, centre=centre, language="vi", areas=areas,
            cameras=cameras, span=span, subtree=subtree if areas else (),
        )  # fmt: skip


async def subtree_of(database: Database, now: dt.datetime, *roots: str) -> tuple[str, ...]:
    """The subtree as the store spells it out."""
    person = Person(login="rooted", name="R", role="operator", centre=None, language="vi", areas=roots)
    async with database.transaction(EVERYTHING) as transaction:
        await people.create_account(transaction, uuid.uuid4(), person, "hash", now)
        found = await people.by_login(transaction, "rooted")
    assert found is not None
    return found.person.subtree


def by_table(rows: list[Put]) -> dict[str, list[Put]]:
    found: defaultdict[str, list[Put]] = defaultdict(list)
    for row in rows:
        found[row.table].append(row)
    return found


async def test_policy_and_row_level_security_agree_on_what_is_seen(
    database: Database, admin: asyncpg.Connection, now: dt.datetime
) -> None:
    rows = by_table(await put_all(admin, now))
    compared = 0
    for person in everybody(await subtree_of(database, now, ROOT)):
        async with database.transaction(scope_of(person), read_only=True) as transaction:
            for table, put in rows.items():
                found = await transaction.connection.fetch(f"select {KEYS[table]} from {table}")
                seen = {row.key for row in put if may(person, "see", row.thing, now)}
                assert {one[0] for one in found} == seen, (table, person)
                compared += len(put)
    assert set(rows) == set(KEYS) - {"changes"}
    assert compared == 7 * 24 * sum(map(len, rows.values()))


async def test_policy_and_row_level_security_agree_on_what_may_be_changed(
    database: Database, admin: asyncpg.Connection, now: dt.datetime
) -> None:
    rows = by_table(await put_all(admin, now))
    for person in everybody(await subtree_of(database, now, ROOT)):
        async with database.transaction(scope_of(person)) as transaction:
            for table in WRITTEN:
                statement = f"update {table} set centre = centre returning {KEYS[table]}"
                found = {one[0] for one in await transaction.connection.fetch(statement)}
                allowed = {row.key for row in rows[table] if any(may(person, act, row.thing, now) for act in WRITING)}
                assert found == allowed, (table, person)
                dropped = await transaction.connection.fetch(f"select 1 from {table} for update")
                assert len(dropped) == len(allowed), (table, person)


async def tries(transaction: Any, table: str, values: dict[str, Any]) -> bool:
    try:
        async with transaction.connection.transaction():
            await insert(transaction.connection, table, values)
    except asyncpg.InsufficientPrivilegeError:
        return False
    return True


async def test_policy_and_row_level_security_agree_on_what_may_be_added(database: Database, now: dt.datetime) -> None:
    for person in everybody(await subtree_of(database, now, ROOT)):
        if person.span != "all":
            continue
        async with database.transaction(scope_of(person)) as transaction:
            for number, (centre, area) in enumerate(PLACES):
                camera = Thing("camera", centre, area, GROUP[number])
                other = Thing("camera", centre, area, OTHERS[number])
                device, incident = Thing("device", centre, area), Thing("incident", centre, area)
                silence, ticket = Thing("silence", centre, area), Thing("ticket", centre, area)
                for thing, act, table, row in (
                    (camera, "register", "cameras", device_row(camera.camera or "", camera, now)),
                    (other, "register", "cameras", device_row(other.camera or "", other, now)),
                    (device, "register", "devices", device_row(f"new-{number}", device, now)),
                    (incident, "step", "incidents", incident_row(uuid.uuid4(), incident, now)),
                    (silence, "step", "silences", silence_row(uuid.uuid4(), silence, now)),
                    (ticket, "step", "tickets", ticket_row(uuid.uuid4(), ticket, now)),
                ):
                    added = await tries(transaction, table, row)
                    assert added is may(person, act, thing, now), (thing, person)
            await transaction.connection.execute(EMPTIED)
    async with database.transaction(EVERYTHING) as transaction:
        await transaction.connection.execute(EMPTIED)


def change_of(number: int, thing: Thing, now: dt.datetime, **moved: str) -> changes.Change:
    about: dict[str, Any] = {"camera": thing.camera}
    if thing.kind == "alarm":
        kind = "camera" if thing.camera else "sensor"
        about = {"source_kind": kind, "source": thing.camera, "cleared_at": thing.at and moment(thing.at)}
    elif thing.kind == "incident":
        about |= {"status": "closed" if thing.at else "new", "updated_at": moment(thing.at or now)}
    elif thing.kind == "ticket":
        about |= {"state": "closed" if thing.at else "new", "closed_at": thing.at and moment(thing.at)}
    code = thing.camera if thing.kind == "camera" and thing.camera else str(number)
    return changes.Change(
        subject=thing.kind, subject_id=code, op="put", centre=thing.centre or "", area=thing.area or "", at=now,
        value={"type": "Feature", "id": code, "geometry": None, "properties": about}, **moved,
    )  # fmt: skip


def all_changes(rows: list[Put], now: dt.datetime) -> list[changes.Change]:
    """A change of every thing, and again as moved from each other place."""
    found = []
    kinds = {"incidents", "alarms", "devices", "cameras", "tickets"}
    for number, row in enumerate(row for row in rows if row.table in kinds):
        found.append(change_of(number, row.thing, now))
        for centre, area in PLACES:
            found.append(change_of(number, row.thing, now, centre_before=centre, area_before=area))
    return found


async def test_the_stream_and_the_log_follow_the_same_rule(
    database: Database, admin: asyncpg.Connection, now: dt.datetime
) -> None:
    """What is seen is put, what left is removed, and the log gives a reader's pages just these."""
    rows = await put_all(admin, now)
    async with database.transaction(EVERYTHING) as transaction:
        await changes.record(transaction, all_changes(rows, now))
        log = await changes.after(transaction, 0, 10_000)
    entries = [entry_of(change, "/ogc") for change in log]
    for person in everybody(await subtree_of(database, now, ROOT)):
        scope = scope_of(person)
        told = {}
        for entry, change in zip(entries, log, strict=True):
            event = entry.seen_by(scope, now)
            if event is not None:
                told[change.version] = event
            assert (event is not None and b".put.v1" in event) is may(person, "see", change.thing, now)
        async with database.transaction(scope, read_only=True) as transaction:
            found = {change.version for change in await changes.after(transaction, 0, 10_000)}
        assert found == set(told), person


async def test_a_removal_carries_nothing_of_what_left(now: dt.datetime) -> None:
    moved = change_of(1, Thing("incident", OWN, INSIDE), now, centre_before=FOREIGN, area_before=OUTSIDE)
    event = entry_of(moved, "/ogc").seen_by(Scope(frozenset({FOREIGN})), now)
    assert event is not None
    assert b".removed.v1" in event
    assert INSIDE.encode() not in event
    assert b"updated_at" not in event


async def test_a_subtree_is_what_lies_in_the_areas(database: Database, now: dt.datetime) -> None:
    assert set(await subtree_of(database, now, ROOT)) >= {ROOT, INSIDE, "20335@2025-07-01"}
    assert set(await subtree_of(database, now, INSIDE)) == {INSIDE}
    assert len(await subtree_of(database, now, "48@2025-07-01")) == 115
    que_son = set(await subtree_of(database, now, "509@2024-09-01"))
    nong_son = set(await subtree_of(database, now, "519@2024-09-01"))
    merged = set(await subtree_of(database, now, "509@2025-01-01"))
    assert not que_son & nong_son
    assert merged == que_son | nong_son | {"509@2025-01-01"}
    assert await subtree_of(database, now) == ()


async def test_a_person_is_read_as_it_was_kept(database: Database, now: dt.datetime) -> None:
    person = Person(
        login="p", name="P", role="viewer", centre=OWN, language="en", areas=(INSIDE,), cameras=("cam-group",),
        span="day",
    )  # fmt: skip
    async with database.transaction(EVERYTHING) as transaction:
        await people.create_account(transaction, uuid.uuid4(), person, "hash", now)
        found = await people.by_login(transaction, "p")
    assert found is not None
    assert found.person == msgspec.structs.replace(person, subtree=(INSIDE,))


async def test_areas_that_come_later_are_added_to_who_is_bound(
    database: Database, admin: asyncpg.Connection, now: dt.datetime
) -> None:
    await subtree_of(database, now, ROOT)
    await admin.execute(
        """insert into areas (fid, code, name, kind, level, valid_from, label, geom)
           select 'new@2027-01-01', 'new', '', '', 2, '2027-01-01', label, geom from areas where fid = $1""",
        INSIDE,
    )
    assert "new@2027-01-01" in await admin.fetchval("select subtree from accounts where login = 'rooted'")


BOX = "st_makeenvelope(108, 15, 108.001, 15.001, 4326)"
OPEN = "status in ('new', 'acknowledged', 'in_progress', 'reopened')"
PLANS = {
    "incidents_geom": f"select id from incidents where geom && {BOX}",
    "incidents_geom3857_open": f"select id from incidents where {OPEN} and geom3857 && st_transform({BOX}, 3857)",
    "alarms_geom": f"select id from alarms where geom && {BOX}",
    "devices_geom3857": f"select code from devices where geom3857 && st_transform({BOX}, 3857)",
}


def index_of(plan: dict[str, Any]) -> Iterator[str]:
    if "Index Name" in plan:
        yield plan["Index Name"]
    for part in plan.get("Plans", ()):
        yield from index_of(part)


@pytest.mark.parametrize("index", PLANS)
async def test_a_scope_leaves_the_index_in_use_and_reads_its_settings_once(
    database: Database, index: str, now: dt.datetime
) -> None:
    person = Person(
        login="p", name="P", role="district", centre=OWN, language="vi", areas=(ROOT,), cameras=GROUP, span="day",
        subtree=tuple(f"{number}@2025-07-01" for number in range(20)),
    )  # fmt: skip
    async with database.transaction(scope_of(person), read_only=True) as transaction:
        await transaction.connection.execute("set local enable_seqscan = off")
        [row] = await transaction.connection.fetch(f"explain (format json) {PLANS[index]}")
    plan = orjson.loads(row[0])[0]["Plan"]
    assert index in set(index_of(plan))
    text = str(plan)
    assert "InitPlan" in text
    assert "current_setting" not in str(plan.get("Filter", ""))


async def test_rules_themselves_are_seen_by_whoever_sees_rules_and_changed_by_who_manages_them(
    database: Database, admin: asyncpg.Connection, now: dt.datetime
) -> None:
    await insert(admin, "rules", {"pack": "p", "code": "r", "version": 1, "enabled": True})
    made = {"what": "made", "at": now, "who": "", "reason": ""}
    row = {"pack": "p", "code": "r", "version": 1, "enabled": True, "body": "{}", **made}
    await insert(admin, "rule_versions", row)
    for person in everybody(()):
        async with database.transaction(scope_of(person)) as transaction:
            for table in ("rules", "rule_versions"):
                seen = len(await transaction.connection.fetch(f"select from {table}"))
                changed = len(await transaction.connection.fetch(f"update {table} set code = code returning 1"))
                assert (seen, changed) == (allows(person.role, "see", "rule"), allows(person.role, "manage", "rule"))


async def test_every_kind_with_rows_is_compared() -> None:
    assert set(KINDS) - {"account", "audit"} == {
        *("incident", "alarm", "sighting", "media", "device", "camera", "reading", "dead_letter", "rule", "silence"),
        *("report", "ticket", "duty", "message"),
    }
