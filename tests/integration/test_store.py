# ruff: noqa: E501 - the rows of the scoped tables stand one a line
"""The store on a real PostgreSQL: schema, scope, and batches that are kept once whatever happens."""

import asyncio
import datetime as dt
import hashlib
import uuid
from collections.abc import Callable

import asyncpg
import msgspec
import pytest
from sqlalchemy.dialects import postgresql

from gis.observation import Observation, Reading, Refusal, Value
from ioc.access.scope import EVERYTHING, Scope
from ioc.store import changes, journal, tables
from ioc.store.database import Database, UnsafeDatabaseError
from ioc.store.migrate import head, migrate
from ioc.store.observations import ObservationStore
from ioc.store.readings import Owner
from sensors.intake import Batch
from tests.conftest import Fresh
from tests.fakes import servers as real
from tests.fakes.things import NOW, reading, sighting

OWNERS = {
    "gauge-ai-nghia": Owner("quang-nam", "20335@2025-07-01"),
    "gauge-b": Owner("thang-binh", "20791@2025-07-01"),
    "cam-a": Owner("quang-nam", "20335@2025-07-01"),
}


def store(database: Database) -> ObservationStore:
    return ObservationStore(database, lambda: OWNERS, lambda device, prop: "m")


def batch(*observations: Observation, refusals: tuple[Refusal, ...] = ()) -> Batch:
    return Batch(arrived_at=NOW, observations=observations, refusals=refusals)


@pytest.fixture
async def admin(fresh: Fresh) -> asyncpg.Connection:
    """A superuser's look at everything."""
    connection = await asyncpg.connect(fresh.url("postgres"))
    yield connection
    await connection.close()


async def counted(admin: asyncpg.Connection, table: str) -> int:
    return await admin.fetchval(f"select count(*) from {table}")


async def within(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.01)


# --- schema


async def test_a_migration_from_nothing_reaches_the_head_and_again_changes_nothing(blank: Callable[[str], str]) -> None:
    assert await migrate(blank("ioc_owner")) == head()
    assert await migrate(blank("ioc_owner")) == head()
    connection = await asyncpg.connect(blank("ioc_owner"))
    try:
        assert await connection.fetchval("select version_num from alembic_version") == head()
    finally:
        await connection.close()


async def test_two_migrations_at_once_are_one(blank: Callable[[str], str]) -> None:
    assert await asyncio.gather(*(migrate(blank("ioc_owner")) for _ in range(3))) == [head()] * 3


async def test_the_descriptions_have_exactly_the_columns_of_the_migrated_tables(admin: asyncpg.Connection) -> None:
    rows = await admin.fetch(
        """select table_name, column_name, is_generated <> 'NEVER' as computed, is_identity = 'YES' as identity
           from information_schema.columns where table_schema = 'public'
           and table_name in (select relname from pg_class where relkind in ('r', 'p') and not relispartition)"""
    )
    real: dict[str, set[tuple[str, bool, bool]]] = {}
    for row in rows:
        if row["table_name"] not in ("alembic_version", "spatial_ref_sys") and row["column_name"] != "xid":
            real.setdefault(row["table_name"], set()).add((row["column_name"], row["computed"], row["identity"]))
    described = {
        name: {(column.name, column.computed is not None, column.identity is not None) for column in table.columns}
        for name, table in tables.METADATA.tables.items()
    }
    assert described == real


async def test_the_descriptions_have_the_types_and_keys_of_the_migrated_tables(admin: asyncpg.Connection) -> None:
    for name, table in tables.METADATA.tables.items():
        kinds = dict(
            await admin.fetch(
                """select attname, format_type(atttypid, null) from pg_attribute
                   where attrelid = $1::regclass and attnum > 0 and not attisdropped""",
                name,
            )
        )
        for column in table.columns:
            said = column.type.compile(dialect=postgresql.dialect()).lower().partition("(")[0]
            real = kinds[column.name]
            assert {"float": "double precision"}.get(said, said) == real, f"{name}.{column.name} is {real}"
        keys = await admin.fetch(
            """select a.attname from pg_index i join pg_attribute a on a.attrelid = i.indrelid
               and a.attnum = any (i.indkey) where i.indrelid = $1::regclass and i.indisprimary""",
            name,
        )
        assert {row["attname"] for row in keys} == {column.name for column in table.primary_key.columns}, name


# --- scope

SCOPED = (
    "devices", "positions", "cameras", "streams", "readings", "latest", "sightings", "media", "incidents",
    "incident_log", "alarms", "changes", "dead_letters",
)  # fmt: skip


@pytest.fixture
async def two_centres(fresh: Fresh, admin: asyncpg.Connection) -> None:
    """One row of each scoped table for quang-nam, and one for thang-binh."""
    for number, centre in enumerate(("quang-nam", "thang-binh")):
        row = {
            "centre": centre, "area": "x@2025-07-01", "code": f"thing-{number}", "now": NOW, "id": uuid.UUID(int=number + 1),
        }  # fmt: skip
        point = "st_setsrid(st_makepoint(108, 15.5), 4326)"
        for statement, names in (
            (f"devices (centre, area, code, name, kind, profile, state_since, geom) values ($1, $2, $3, 'n', 'k', 'p', $4, {point})", "centre area code now"),
            (f"positions (centre, area, code, subject, valid_from, geom) values ($1, $2, $3, 'device', $4, {point})", "centre area code now"),
            (f"cameras (centre, area, code, name, kind, settings, state_since, geom) values ($1, $2, $3, 'n', 'k', '{{}}', $4, {point})", "centre area code now"),
            ("streams (centre, device, property, unit) values ($1, $2, 'p', 'm')", "centre code"),
            ("latest (stream, centre, area, at, arrived_at, value, quality, derived) values ((select id from streams where centre = $1), $1, $2, $3, $3, 1, 0, false)", "centre area now"),
            ("sightings (id, centre, area, camera, run, seq, at, kind, subject, direction, object_class, track, box, arrived_at) values ($1, $2, $3, $4, '', 1, $5, '', '', '', '', '', '{}', $5)", "id centre area code now"),
            ("media (id, centre, area, source, kind, content_type, bytes, sha256, taken_at, expires_at) values ($1, $2, $3, $4, '', '', 1, '', $5, $5)", "id centre area code now"),
            (f"incidents (id, centre, area, version, key, title, title_en, category, severity, status, area_code, area_name, sources, alarms, count, cleared, opened_at, updated_at, first_at, last_at, geom) values ($1, $2, $3, 1, $4, '', '', '', 'minor', 'new', '', '', '{{}}', 1, 1, false, $5, $5, $5, $5, {point})", "id centre area code now"),
            ("incident_log (incident, centre, area, at, who, what, text) values ($1, $2, $3, $4, '', '', '')", "id centre area now"),
            (f"alarms (id, centre, area, key, rule, category, severity, source_kind, source, source_name, property, raised_at, seen_at, count, evidence, geom) values ($1, $2, $3, $4, '', '', 'minor', '', '', '', '', $5, $5, 1, '{{}}', {point})", "id centre area code now"),
            ("changes (subject, subject_id, op, centre, area, at, value) values ('device', $3, 'put', $1, $2, $4, '{}')", "centre area code now"),
            ("dead_letters (centre, area, topic, head, bytes, sha256, code, reason, arrived_at) values ($1, $2, '', '', 0, '', '', '', $3)", "centre area now"),
        ):  # fmt: skip
            await admin.execute(f"insert into {statement}", *(row[name] for name in names.split()))
    await admin.execute("select ensure_readings_day($1)", NOW.date())
    for number, centre in enumerate(("quang-nam", "thang-binh")):
        await admin.execute(
            """insert into readings (at, stream, seq, value, quality, derived, run, arrived_at, centre, area)
               values ($1, $2, 1, 1, 0, false, '', $1, $3, 'x')""",
            NOW, number, centre,
        )  # fmt: skip


async def test_every_table_with_a_centre_and_an_area_is_bound_by_row_level_security(admin: asyncpg.Connection) -> None:
    rows = await admin.fetch(
        """select c.relname, c.relrowsecurity from pg_class c join pg_attribute a on a.attrelid = c.oid
           where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
           and a.attname = 'centre' and c.relname not in ('accounts', 'centre_areas', 'audit')"""
    )
    assert {row["relname"] for row in rows} == set(SCOPED)
    assert all(row["relrowsecurity"] for row in rows)


@pytest.mark.usefixtures("two_centres")
@pytest.mark.parametrize("table", SCOPED)
async def test_a_scope_shows_its_centre_alone_and_no_scope_shows_nothing(fresh: Fresh, table: str) -> None:
    question = f"select distinct centre from {table} order by 1"
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
                await transaction.connection.fetch(f"select * from readings_{NOW:%Y%m%d}")


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


async def test_a_superuser_and_an_owner_of_tables_are_refused(fresh: Fresh) -> None:
    for role in ("postgres", "ioc_owner"):
        with pytest.raises(UnsafeDatabaseError, match="ioc_app"):
            async with Database.open(fresh.url(role)):
                pass


async def test_a_role_that_inherits_the_owner_s_rights_is_refused(fresh: Fresh, admin: asyncpg.Connection) -> None:
    await admin.execute(f"create role {fresh.name}_heir login password 'x' in role ioc_owner")
    try:
        url = fresh.url().split("//")[0] + f"//{fresh.name}_heir:x@" + fresh.url().split("@")[1]
        with pytest.raises(UnsafeDatabaseError, match="ioc_app"):
            async with Database.open(url):
                pass
    finally:
        await admin.execute(f"drop role {fresh.name}_heir")


async def test_a_role_that_bypasses_row_level_security_is_refused(fresh: Fresh, admin: asyncpg.Connection) -> None:
    await admin.execute("alter role ioc_outside bypassrls")
    try:
        with pytest.raises(UnsafeDatabaseError, match="ioc_app"):
            async with Database.open(fresh.url("ioc_outside")):
                pass
    finally:
        await admin.execute("alter role ioc_outside nobypassrls")


async def test_a_database_that_does_not_wait_for_the_disk_is_refused(fresh: Fresh, admin: asyncpg.Connection) -> None:
    await admin.execute(f"alter role ioc_app in database {fresh.name} set synchronous_commit = off")
    with pytest.raises(UnsafeDatabaseError, match="synchronous_commit"):
        async with Database.open(fresh.url()):
            pass


@pytest.mark.parametrize("setting", ["fsync", "full_page_writes"])
async def test_a_server_that_does_not_write_durably_is_refused(setting: str) -> None:
    with real.running(f"{setting}=off") as careless, pytest.raises(UnsafeDatabaseError, match=setting):
        async with Database.open(careless.url("ioc_app", "ioc")):
            pass


# --- batches


async def test_a_batch_kept_twice_leaves_its_rows_and_its_journal_once(
    database: Database, admin: asyncpg.Connection
) -> None:
    keeps = store(database)
    whole = batch(reading(1.0, seq=1), reading(2.0, seq=2), reading(3.0, seq=None), sighting(1))
    await keeps.keep(whole)
    await keeps.keep(whole)
    await store(database).keep(whole)
    assert await counted(admin, "readings") == 3
    assert await counted(admin, "sightings") == 1
    assert await counted(admin, "journal") == 1
    assert (keeps.kept.observations, keeps.kept.repeated) == (4, 4)


async def test_a_repeat_beside_something_new_journals_only_what_is_new(database: Database) -> None:
    keeps = store(database)
    await keeps.keep(batch(reading(1.0, seq=1)))
    await keeps.keep(batch(reading(1.0, seq=1), reading(2.0, seq=2)))
    async with database.transaction(EVERYTHING) as transaction:
        entries = await journal.after(transaction, 0, 10)
    assert [[one.stamp.sequence for one in entry.observations] for entry in entries] == [[1], [2]]


async def test_the_same_reading_twice_in_one_batch_is_one_row(database: Database, admin: asyncpg.Connection) -> None:
    await store(database).keep(batch(reading(1.0, seq=1), reading(1.0, seq=1)))
    assert await counted(admin, "readings") == 1


async def test_a_full_batch_is_kept_in_one_transaction(database: Database, admin: asyncpg.Connection) -> None:
    await store(database).keep(batch(*(reading(float(seq), seq=seq) for seq in range(1000))))
    assert await counted(admin, "readings") == 1000
    assert await admin.fetchval("select count(distinct xmin::text) from readings") == 1
    assert await counted(admin, "journal") == 1


@pytest.mark.parametrize("place", [0, 499, 999])
async def test_one_poisoned_row_is_buried_and_the_other_999_are_kept(
    database: Database, admin: asyncpg.Connection, place: int
) -> None:
    rows: list[Reading] = [reading(float(seq), seq=seq) for seq in range(1000)]
    rows[place] = reading(1.0, seq=place, run="smuggled\0past")
    await store(database).keep(batch(*rows))
    assert await counted(admin, "readings") == 999
    letters = await admin.fetch("select * from dead_letters")
    assert [letter["code"] for letter in letters] == ["poison"]
    assert b"smuggled" in letters[0]["head"]


async def test_a_value_that_bigint_cannot_hold_is_buried_not_tried_for_ever(
    database: Database, admin: asyncpg.Connection
) -> None:
    keeps = store(database)
    async with asyncio.timeout(20):
        await keeps.keep(batch(reading(1.0, seq=2**63), reading(2.0, seq=1)))
    assert await counted(admin, "readings") == 1
    assert await counted(admin, "dead_letters") == 1
    assert keeps.kept.retries == 0


async def test_a_source_that_left_the_register_meanwhile_is_a_dead_letter(
    database: Database, admin: asyncpg.Connection
) -> None:
    await store(database).keep(batch(reading(source="gauge-gone"), sighting(source="cam-gone"), reading(seq=5)))
    assert await counted(admin, "readings") == 1
    assert await admin.fetchval("select array_agg(code order by id) from dead_letters") == ["unknown_device"] * 2


async def test_a_dead_letter_keeps_the_head_the_length_and_the_digest(
    database: Database, admin: asyncpg.Connection
) -> None:
    payload = bytes(range(256)) * 400
    refusal = Refusal(topic="ioc/v1/a\0b", payload=payload, code="too_big", reason="too\0big")
    await store(database).keep(batch(refusals=(refusal,)))
    letter = await admin.fetchrow("select * from outside.dead_letters")
    assert letter["head"] == payload[:4096]
    assert letter["bytes"] == len(payload)
    assert await admin.fetchval("select sha256 from dead_letters") == hashlib.sha256(payload).digest()
    assert "\0" not in letter["topic"] + letter["reason"]


async def test_a_late_reading_is_kept_and_never_moves_the_latest_back(
    database: Database, admin: asyncpg.Connection
) -> None:
    keeps = store(database)
    await keeps.keep(batch(reading(2.0, seq=2)))
    await keeps.keep(batch(reading(1.0, seq=1, at=NOW - dt.timedelta(hours=1))))
    assert await counted(admin, "readings") == 2
    assert await admin.fetchval("select value from latest") == 2.0
    await keeps.keep(batch(reading(3.0, seq=3, at=NOW + dt.timedelta(seconds=1)), reading(0.5, seq=4, at=NOW)))
    assert await admin.fetchval("select value from latest") == 3.0


async def test_a_day_300_days_back_gets_its_partition(database: Database, admin: asyncpg.Connection) -> None:
    then = NOW - dt.timedelta(days=300)
    await store(database).keep(batch(reading(at=then), reading(at=NOW, seq=2)))
    assert await counted(admin, f"readings_{then:%Y%m%d}") == 1
    assert await counted(admin, f"readings_{NOW:%Y%m%d}") == 1


async def test_the_last_moment_of_a_day_and_the_first_of_the_next_lie_apart(
    database: Database, admin: asyncpg.Connection
) -> None:
    midnight = NOW.replace(hour=0)
    moments = [midnight - dt.timedelta(microseconds=1), midnight]
    await store(database).keep(batch(*(reading(at=at, seq=number) for number, at in enumerate(moments))))
    for at in moments:
        assert await counted(admin, f"readings_{at:%Y%m%d}") == 1


async def test_two_writers_who_need_the_same_new_day_and_stream_lose_nothing(
    database: Database, admin: asyncpg.Connection
) -> None:
    for day in range(8):
        at = NOW - dt.timedelta(days=day)
        async with asyncio.timeout(30):
            await asyncio.gather(
                *(store(database).keep(batch(reading(at=at, seq=writer, prop=f"p{day}"))) for writer in range(4))
            )
    assert await counted(admin, "dead_letters") == 0
    assert await counted(admin, "readings") == 32


async def test_a_database_that_ends_every_connection_is_tried_again_harmlessly(
    fresh: Fresh, database: Database, admin: asyncpg.Connection
) -> None:
    keeps = store(database)

    async def kills() -> None:
        for _ in range(8):
            await asyncio.sleep(0.11)
            await admin.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'ioc_app' and datname = $1",
                fresh.name,
            )

    async with asyncio.timeout(60), asyncio.TaskGroup() as tasks:
        tasks.create_task(kills(), name="kills")
        for number in range(5):
            await keeps.keep(batch(*(reading(float(seq), seq=1000 * number + seq) for seq in range(1000))))
    assert await counted(admin, "readings") == 5000
    assert await counted(admin, "dead_letters") == 0
    assert await admin.fetchval("select value from latest") == 999.0


async def test_a_batch_waits_for_a_database_that_is_locked_and_is_kept_once(
    database: Database, admin: asyncpg.Connection
) -> None:
    keeps = store(database)
    await keeps.keep(batch(reading(seq=0)))
    async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
        async with admin.transaction():
            await admin.execute("lock table journal in exclusive mode")
            waiting = tasks.create_task(keeps.keep(batch(reading(seq=1))), name="keep")
            await asyncio.sleep(0.05)
            assert not waiting.done()
        await waiting
    assert await counted(admin, "journal") == 2


async def test_outside_sees_what_was_kept_under_the_names_of_the_contract(fresh: Fresh, database: Database) -> None:
    await store(database).keep(batch(reading(2.5, seq=7, more=(Value("battery", 3.7),)), reading(1.0, seq=None)))
    outside = await asyncpg.connect(fresh.url("ioc_outside"))
    try:
        rows = [dict(row) for row in await outside.fetch("select * from outside.kept order by seq, property")]
        assert {
            "centre": "quang-nam", "device": "gauge-ai-nghia", "run": "r", "seq": 7, "at": NOW,
            "property": "water_level", "value": 2.5, "quality": "good", "arrived_at": NOW,
        } in rows  # fmt: skip
        assert [row["seq"] for row in rows] == [7, 7, None]
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await outside.fetch("select * from accounts")
        with pytest.raises(asyncpg.PostgresError):
            await outside.execute("insert into dead_letters default values")
    finally:
        await outside.close()


# --- readers of the two logs


def change(number: int) -> changes.Change:
    return changes.Change(
        subject="device", subject_id=str(number), op="put", centre="quang-nam", area="x", at=NOW, value={"n": number}
    )


async def read_changes(database: Database, cursor: int) -> list[changes.Change]:
    async with database.transaction(EVERYTHING, read_only=True) as transaction:
        return await changes.after(transaction, cursor, 100)


async def test_a_reader_skips_no_change_of_writers_that_commit_in_another_order(database: Database) -> None:
    """The second writer began later but took its place in the log first, and commits last."""
    first_began, second_wrote, first_done = asyncio.Event(), asyncio.Event(), asyncio.Event()
    seen: list[str] = []
    cursor = 0

    async def look() -> None:
        nonlocal cursor
        for found in await read_changes(database, cursor):
            seen.append(found.subject_id)
            cursor = found.version

    async def first() -> None:
        async with database.transaction(EVERYTHING) as transaction:
            await transaction.connection.fetchval("select pg_current_xact_id()")
            first_began.set()
            await second_wrote.wait()
            await changes.record(transaction, [change(1)])
        first_done.set()

    async def second() -> None:
        await first_began.wait()
        async with database.transaction(EVERYTHING) as transaction:
            await changes.record(transaction, [change(2)])
            second_wrote.set()
            try:
                async with asyncio.timeout(0.5):
                    await first_done.wait()
            except TimeoutError:
                pass
            await look()

    async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
        tasks.create_task(first(), name="first")
        tasks.create_task(second(), name="second")
    await look()
    assert sorted(seen) == ["1", "2"]


async def test_a_desk_skips_no_batch_of_writers_that_commit_in_another_order(database: Database) -> None:
    first_began, second_wrote, first_done = asyncio.Event(), asyncio.Event(), asyncio.Event()
    seen: list[int | None] = []
    cursor = 0

    async def look() -> None:
        nonlocal cursor
        async with database.transaction(EVERYTHING) as transaction:
            for entry in await journal.after(transaction, cursor, 100):
                seen.extend(one.stamp.sequence for one in entry.observations)
                cursor = entry.id

    async def first() -> None:
        async with database.transaction(EVERYTHING) as transaction:
            await transaction.connection.fetchval("select pg_current_xact_id()")
            first_began.set()
            await second_wrote.wait()
            await journal.append(transaction, [reading(seq=1)], NOW)
        first_done.set()

    async def second() -> None:
        await first_began.wait()
        async with database.transaction(EVERYTHING) as transaction:
            await journal.append(transaction, [reading(seq=2)], NOW)
            second_wrote.set()
            try:
                async with asyncio.timeout(0.5):
                    await first_done.wait()
            except TimeoutError:
                pass
            await look()

    async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
        tasks.create_task(first(), name="first")
        tasks.create_task(second(), name="second")
    await look()
    assert sorted(number for number in seen if number) == [1, 2]


async def test_many_writers_and_one_reader_agree_on_the_log(database: Database) -> None:
    seen: list[str] = []
    versions: list[int] = []
    done = asyncio.Event()

    async def write(writer: int) -> None:
        for number in range(20):
            async with database.transaction(EVERYTHING) as transaction:
                await transaction.connection.fetchval("select pg_current_xact_id()")
                await asyncio.sleep(0)
                await changes.record(transaction, [change(1000 * writer + number)])

    async def follow() -> None:
        cursor = 0
        while True:
            last = done.is_set()
            for found in await read_changes(database, cursor):
                seen.append(found.subject_id)
                versions.append(found.version)
                cursor = found.version
            if last:
                return

    async with asyncio.timeout(60), asyncio.TaskGroup() as tasks:
        following = tasks.create_task(follow(), name="follow")
        async with asyncio.TaskGroup() as writers:
            for writer in range(4):
                writers.create_task(write(writer), name=f"writer-{writer}")
        done.set()
        await following
    assert len(seen) == len(set(seen)) == 80
    assert versions == sorted(versions)


async def test_a_change_is_seen_at_once_though_an_older_transaction_goes_on(database: Database) -> None:
    async with database.transaction(EVERYTHING) as older:
        await older.connection.fetchval("select pg_current_xact_id()")
        async with database.transaction(EVERYTHING) as writer:
            await changes.record(writer, [change(1)])
        assert [found.subject_id for found in await read_changes(database, 0)] == ["1"]


async def test_the_journal_is_pruned_behind_the_cursor_and_by_age_alone(database: Database) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        for number, age in enumerate((48, 1, 48)):
            await journal.append(transaction, [reading(seq=number)], NOW - dt.timedelta(hours=age))
        first, second, third = [entry.id for entry in await journal.after(transaction, 0, 10)]
        await journal.advance(transaction, "desk", second)
        await journal.prune(transaction, "desk", NOW - dt.timedelta(hours=24))
        assert [entry.id for entry in await journal.after(transaction, 0, 10)] == [second, third]
    assert first < second < third


# --- the lock of the one that leads


async def test_a_second_one_waits_for_the_lock_longer_than_any_statement_may_take(fresh: Fresh) -> None:
    async with (
        Database.open(fresh.url()) as one,
        asyncpg.create_pool(fresh.url(), min_size=1, max_size=1, command_timeout=0.3) as pool,
    ):
        other = Database(pool)
        taken = asyncio.Event()

        async def wait() -> None:
            async with other.advisory_lock(77, 0.05):
                taken.set()

        async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
            async with one.advisory_lock(77, 0.05):
                tasks.create_task(wait(), name="waiter")
                await asyncio.sleep(0.8)
                assert not taken.is_set()
            await taken.wait()


async def test_the_loss_of_the_connection_with_the_lock_is_noticed(fresh: Fresh, admin: asyncpg.Connection) -> None:
    async with Database.open(fresh.url()) as database:
        with pytest.raises((OSError, asyncpg.PostgresError, asyncpg.InterfaceError)):
            async with asyncio.timeout(10), database.advisory_lock(78, 0.02) as alive:
                await admin.execute(
                    """select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and objid = 78"""
                )
                await alive()


def test_a_batch_is_a_value() -> None:
    with pytest.raises(AttributeError):
        batch().arrived_at = NOW  # type: ignore[misc]
    assert msgspec.structs.asdict(batch())["refusals"] == ()
