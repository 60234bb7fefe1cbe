"""What one person was told, in PostgreSQL; its way over HTTP is tried in tests/unit/ioc/api/test_notifications.py."""

from ioc.access.scope import EVERYTHING
from ioc.store import told
from ioc.store.database import Database
from ioc.store.notifications import enqueue
from ioc.store.told import NONE, Unread
from tests.fakes.telling import AT, notification

LARGEST = (1 << 63) - 1


async def test_a_mark_changes_with_what_is_new_and_with_what_is_read(database: Database) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        assert await told.unread(transaction, ["lan"]) == {}
        await enqueue(transaction, [notification("lan", key="a"), notification("lan", key="b"), notification("mai")])
        page = await told.page(transaction, "lan", LARGEST, 9)
        assert [one.thread for one in page] == [one.thread for one in sorted(page, key=lambda one: -one.id)]
        first = (await told.unread(transaction, ["lan", "mai"]))["lan"]
        assert (first.number, first.newest) == (2, page[0].id)
        assert await told.read(transaction, "lan", AT, ids=[page[0].id]) == 1
        assert (await told.unread(transaction, ["lan"]))["lan"] == Unread(1, page[1].id)
        assert await told.read(transaction, "lan", AT, through=page[0].id) == 1
        assert await told.page(transaction, "lan", LARGEST, 9, unread=True) == []
    assert len({first.mark, Unread(1, page[1].id).mark, NONE.mark}) == 3
