"""Pictures of moments from a change log on a real PostgreSQL."""

import datetime as dt
from typing import Any

import orjson
import pytest

from ioc.access.scope import EVERYTHING, Scope
from ioc.api import live
from ioc.store import past
from ioc.store.changes import Change, newest, record
from ioc.store.database import Database, Transaction
from tests.fakes.things import NOW

SECOND = dt.timedelta(seconds=1)


def put(subject: str, name: str, centre: str = "quang-nam", before: str | None = None, **properties: Any) -> Change:
    value = {
        "type": "Feature", "id": name, "geometry": {"type": "Point", "coordinates": [108.1, 15.6]},
        "properties": properties,
    }  # fmt: skip
    return Change(
        subject=subject, subject_id=name, op="put", centre=centre, area="x", at=NOW, value=value, centre_before=before
    )


async def tell(transaction: Transaction, second: int, *changes: Change) -> int:
    """Record changes as if they were told at a second after NOW; the version of the last."""
    before = await newest(transaction)
    await record(transaction, list(changes))
    await transaction.connection.execute("update changes set told_at = $1 where id > $2", NOW + second * SECOND, before)
    return await newest(transaction)


async def ids(transaction: Transaction, second: float) -> set[str]:
    """What was shown at a second: collection, id, and the state or status that it had."""
    through = await past.cut(transaction, NOW + second * SECOND)
    found = past.grouped(await past.images(transaction, await past.shown(transaction, through)))
    features = [(layer, orjson.loads(value)) for layer, values in found.items() for value in values]
    return {
        f"{layer}/{one['id']}/{one['properties'].get('state') or one['properties'].get('status')}"
        for layer, one in features
    }


HISTORY = (
    (1, put("device", "d", state="lost"), put("camera", "c", state="live")),
    (2, put("incident", "i", status="new")),
    (3, put("alarm", "a", cleared_at=None, match="opened"), put("alarm", "s", cleared_at=None, match="suppressed")),
    (
        4,
        put("incident", "i", status="acknowledged"),
        put("ticket", "t", state="new"),
        put("device", "d", state="fresh"),
    ),
    (5, put("alarm", "a", cleared_at="2026-11-22T00:00:00Z", match="opened")),
    (6, put("incident", "i", status="closed"), put("ticket", "t", state="closed")),
    (7, put("incident", "i", status="reopened")),
)

WANTED = {
    0.5: set(),
    1.5: {"devices/d/lost", "cameras/c/live"},
    2.5: {"devices/d/lost", "cameras/c/live", "incidents/i/new"},
    3.5: {"devices/d/lost", "cameras/c/live", "incidents/i/new", "alarms/a/None"},
    4.5: {"devices/d/fresh", "cameras/c/live", "incidents/i/acknowledged", "alarms/a/None", "tickets/t/new"},
    5.5: {"devices/d/fresh", "cameras/c/live", "incidents/i/acknowledged", "tickets/t/new"},
    6.5: {"devices/d/fresh", "cameras/c/live"},
    7.5: {"devices/d/fresh", "cameras/c/live", "incidents/i/reopened"},
}


@pytest.mark.parametrize("kept_behind", [(), (1, 4, 6), (2, 3, 4, 5, 6, 7)])
async def test_the_picture_of_each_moment_wherever_pictures_were_kept(
    database: Database, monkeypatch: pytest.MonkeyPatch, kept_behind: tuple[int, ...]
) -> None:
    monkeypatch.setattr(past, "EVERY_CHANGES", 1)
    async with database.transaction(EVERYTHING) as transaction:
        for second, *changes in HISTORY:
            await tell(transaction, second, *changes)
            if second in kept_behind:
                assert await past.keep(transaction)
        found = {second: await ids(transaction, second) for second in WANTED}
    assert found == WANTED


async def test_pruning_leaves_every_later_picture_as_it_was(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(past, "EVERY_CHANGES", 1)
    async with database.transaction(EVERYTHING) as transaction:
        for second, *changes in HISTORY:
            await tell(transaction, second, *changes)
            if second in (2, 4):
                await past.keep(transaction)
        await past.prune(transaction, NOW + 3 * SECOND)
        assert await past.oldest(transaction) == NOW + 2 * SECOND
        assert {second: await ids(transaction, second) for second in WANTED if second > 2} == {
            second: wanted for second, wanted in WANTED.items() if second > 2
        }
        before = await transaction.connection.fetchval("select count(*) from changes")
        await past.prune(transaction, NOW + 3 * SECOND)
        await past.prune(transaction, NOW + 100 * SECOND)
        assert await past.oldest(transaction) == NOW + 4 * SECOND
        left = await transaction.connection.fetchval("select count(*) from changes")
        assert left < before
        assert await ids(transaction, 7.5) == WANTED[7.5]


async def test_nothing_is_pruned_before_a_picture_is_kept(database: Database) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        await tell(transaction, 1, put("device", "d", state="lost"))
        await past.prune(transaction, NOW + 100 * SECOND)
        assert await newest(transaction) > 0
        assert await past.oldest(transaction) is None


async def test_a_picture_is_kept_when_enough_changed_or_it_is_long_ago(database: Database) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        assert not await past.keep(transaction), "nothing was ever told"
        await tell(transaction, 1, put("device", "d", state="lost"))
        assert await past.keep(transaction)
        await tell(transaction, 2, put("device", "d", state="fresh"))
        assert not await past.keep(transaction)
        await tell(transaction, 1 + int(past.EVERY.total_seconds()), put("device", "d", state="lost"))
        assert await past.keep(transaction)
        assert not await past.keep(transaction)


async def test_changes_of_one_transaction_are_told_at_one_moment(database: Database) -> None:
    """So that no moment falls between them and shows half a deed."""
    async with database.transaction(EVERYTHING) as transaction:
        await record(transaction, [put("device", str(number), state="lost") for number in range(50)])
        moments = await transaction.connection.fetchval("select count(distinct told_at) from changes")
        assert moments == 1


async def test_a_scope_reads_its_own_of_the_picture(database: Database) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        await tell(transaction, 1, put("device", "ours"), put("device", "theirs", "hoi-an"))
        await tell(transaction, 2, put("device", "left", "hoi-an", before="quang-nam"))
        shown = await past.shown(transaction, await past.cut(transaction, NOW + 3 * SECOND))
        assert len(shown) == 3
    scope = Scope(frozenset({"quang-nam"}))
    async with database.transaction(scope) as transaction:
        found = await past.images(transaction, shown)
        assert [image.thing.centre for image in found if scope.reaches(image.thing)] == ["quang-nam"]
        assert len(found) == 2, "what left is told once more, and is no longer reached"
        told = await past.between(transaction, 0, max(shown), 10)
        assert [one.change.subject_id for one in told] == ["ours", "left"]


def test_a_picture_consists_of_what_the_snapshot_of_the_stream_does() -> None:
    assert past.SHOWN == live._SHOWN
