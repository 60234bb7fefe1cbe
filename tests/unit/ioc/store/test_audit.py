"""The trail on a real PostgreSQL: written with the deed, never changed by the service, verified whole."""

import datetime as dt

import asyncpg
import pytest

from ioc.access.scope import EVERYTHING, Scope
from ioc.audit.chain import Head, seal
from ioc.sealer import Sealer
from ioc.store import audit
from ioc.store.audit import Deed, Search
from ioc.store.database import Database
from tests.conftest import Fresh

AT = dt.datetime(2026, 11, 22, 3, 4, 5, 678, tzinfo=dt.UTC)
DEED = Deed(
    act="incident.acknowledge", who="operator", kind="incident", thing="one", centre="quang-nam", area="a@2024-09-01"
)


async def write(database: Database, number: int = 1, scope: Scope = EVERYTHING, deed: Deed = DEED) -> None:
    async with database.transaction(scope) as transaction:
        for place in range(number):
            await audit.record(transaction, deed, AT + dt.timedelta(seconds=place))


def sealer(database: Database) -> Sealer:
    return Sealer(database, lambda: AT)


@pytest.fixture
async def chained(fresh: Fresh, database: Database) -> Database:
    """A trail of ten rows, all sealed; the first is the migration's."""
    await write(database, 9)
    assert await sealer(database).seal_all() == 10
    return database


async def meddle(fresh: Fresh, *statements: str) -> None:
    """What a superuser can do who has first taken the guards away."""
    connection = await asyncpg.connect(fresh.url("postgres"))
    try:
        await connection.execute("set session_replication_role = replica")
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


async def test_a_deed_that_fails_leaves_no_row_and_a_row_that_fails_stops_the_deed(database: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        async with database.transaction(EVERYTHING) as transaction:
            await audit.record(transaction, DEED, AT)
            raise ZeroDivisionError
    async with database.transaction(EVERYTHING, read_only=True) as transaction:
        assert await audit.search(transaction, Search(who="operator"), 10) == []
        with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
            await audit.record(transaction, DEED, AT)


async def test_what_postgresql_cannot_hold_does_not_stop_a_deed(database: Database) -> None:
    strange = Deed(act="request.refused", who="a\0b\ud800", kind="request", after={"path\0": ["x" * 9_000]})
    await write(database, deed=strange)
    async with database.transaction(EVERYTHING, read_only=True) as transaction:
        (found,) = await audit.search(transaction, Search(act="request.*"), 10)
    assert found.entry.who == "a\ufffdb?"
    assert len(found.entry.after["path\ufffd"][0]) == audit.LONGEST


@pytest.mark.parametrize(
    "statement",
    [
        "update audit set who = 'nobody'",
        "update audit set seq = 1, previous = decode(repeat('00', 32), 'hex'), hash = previous, sealed_at = now()",
        "delete from audit",
        "truncate audit",
        "update audit_head set seq = 0",
        "delete from audit_head",
        "insert into audit_head values (false, 1, 'x', now())",
        "select setval(pg_get_serial_sequence('audit', 'id'), 1)",
        "insert into audit (id, at) overriding system value values (99, now())",
        "insert into audit (at, seq, sealed_at) values (now(), 1, now())",
        "alter table audit disable trigger guard",
    ],
)
async def test_the_service_can_change_nothing_that_is_written(chained: Database, fresh: Fresh, statement: str) -> None:
    connection = await asyncpg.connect(fresh.url())
    try:
        await connection.execute("set ioc.scope = '*'")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement)
    finally:
        await connection.close()
    assert (await audit.verify(chained)).fault is None


@pytest.mark.parametrize("statement", ["update audit set who = 'x'", "delete from audit", "truncate audit"])
async def test_the_guard_binds_the_owner_and_a_superuser_too(chained: Database, fresh: Fresh, statement: str) -> None:
    for role in ("ioc_owner", "postgres"):
        connection = await asyncpg.connect(fresh.url(role))
        try:
            with pytest.raises(asyncpg.InsufficientPrivilegeError, match="never changed"):
                await connection.execute(statement)
        finally:
            await connection.close()


async def test_a_seal_is_set_once_and_only_behind_the_newest_link(chained: Database) -> None:
    await write(chained)
    async with chained.transaction(EVERYTHING, read_only=True) as transaction:
        (entry,) = await audit.unsealed(transaction, 10)
        head = await audit.head(transaction)
        old = await audit.sealed_after(transaction, 9, 1)
    for rows in (
        seal([entry], Head(head.seq, bytes(32)), AT),  # behind another link
        seal([old[0].entry], head, AT),  # sealed already
        seal([entry, entry], head, AT),  # twice
    ):
        with pytest.raises(asyncpg.SerializationError):
            async with chained.transaction(EVERYTHING) as transaction:
                await audit.put_seals(transaction, rows)
    assert await sealer(chained).seal_all() == 1
    assert (await audit.verify(chained)).fault is None


async def test_rows_are_written_under_any_scope_and_read_under_theirs(database: Database) -> None:
    await write(database, scope=Scope(frozenset()), deed=Deed(act="session.refused", who="", kind="session"))
    await write(database, scope=Scope(frozenset({"hoi-an"})))
    seen = {}
    for name, scope in {
        "all": EVERYTHING,
        "its": Scope(frozenset({"quang-nam"})),
        "other": Scope(frozenset({"hoi-an"})),
    }.items():
        async with database.transaction(scope, read_only=True) as transaction:
            seen[name] = [row.entry.act for row in await audit.search(transaction, Search(), 10)]
    assert seen == {
        "all": ["incident.acknowledge", "session.refused", "schema.migrate"],
        "its": ["incident.acknowledge"],
        "other": [],
    }


async def test_a_search_finds_by_every_word_and_pages_newest_first(chained: Database) -> None:
    async with chained.transaction(EVERYTHING, read_only=True) as transaction:
        assert len(await audit.search(transaction, Search(act="incident.*", who="operator", outcome="done"), 50)) == 9
        assert await audit.search(transaction, Search(thing="two"), 50) == []
        span = Search(since=AT + dt.timedelta(seconds=2), until=AT + dt.timedelta(seconds=4))
        assert [one.seq for one in await audit.search(transaction, span, 50)] == [6, 5, 4]
        first = await audit.search(transaction, Search(), 6)
        second = await audit.search(transaction, Search(after=first[-1].entry.id), 6)
        assert [one.seq for one in first + second] == [*range(10, 0, -1)]
        assert await audit.range_of(transaction, span.since, span.until) == audit.Range(4, 6)


async def test_an_untouched_trail_is_whole_also_as_outsiders_see_it(chained: Database, fresh: Fresh) -> None:
    report = await audit.verify(chained)
    assert (report.rows, report.fault, report.last.seq) == (10, None, 10)
    async with Database.open(fresh.url("ioc_outside"), size=1) as outside:
        assert await audit.verify(outside, outside=True) == report


@pytest.mark.parametrize(
    ("statement", "kind", "seq"),
    [
        ("update audit set who = 'nobody' where seq = 4", "changed", 4),
        ("update audit set at = at + interval '1 microsecond' where seq = 4", "changed", 4),
        ('update audit set after = \'{"status": "new"}\' where seq = 4', "changed", 4),
        ("update audit set sealed_at = now() where seq = 4", "changed", 4),
        ("update audit set previous = hash where seq = 4", "changed", 4),
        ("update audit set hash = previous where seq = 4", "changed", 4),
        ("delete from audit where seq = 4", "gap", 4),
        ("delete from audit where seq in (4, 5)", "gap", 4),
        ("delete from audit where seq = 1", "gap", 1),
        ("delete from audit where seq = 10", "removed", 10),
        ("delete from audit where seq > 6", "removed", 7),
        ("delete from audit", "removed", 1),
        ("delete from audit_head", "removed", 10),
        ("update audit set seq = null, previous = null, hash = null, sealed_at = null where seq = 10", "removed", 10),
        ("delete from audit where seq = 4; update audit set seq = seq - 1 where seq > 4", "changed", 4),
        ("update audit_head set hash = decode(repeat('11', 32), 'hex')", "rewritten", 10),
    ],
)
async def test_every_meddling_is_named(chained: Database, fresh: Fresh, statement: str, kind: str, seq: int) -> None:
    await meddle(fresh, "alter table audit drop constraint audit_seq_key", statement)
    fault = (await audit.verify(chained)).fault
    assert fault is not None
    assert (fault.kind, fault.seq) == (kind, seq)


async def test_the_newest_rows_removed_with_the_stored_head_set_back_need_a_link_known_elsewhere(
    chained: Database, fresh: Fresh
) -> None:
    known = (await audit.verify(chained)).last
    await meddle(
        fresh,
        "delete from audit where seq > 8",
        "update audit_head set seq = 8, hash = (select hash from audit where seq = 8)",
    )
    assert (await audit.verify(chained)).fault is None
    fault = (await audit.verify(chained, [known])).fault
    assert fault is not None
    assert fault.sentence == "rows 9 to 10 were removed from the end: row 10 is known to have existed"
