"""One connection hears all channels of a pool, and is replaced when it is lost."""

import asyncio

import asyncpg
import pytest

from ioc.access.scope import EVERYTHING
from ioc.store.database import Database
from tests.conftest import Fresh

CHANNELS = [f"channel_{number}" for number in range(12)]


async def test_more_channels_than_connections_leave_room_for_work(fresh: Fresh, admin: asyncpg.Connection) -> None:
    """With a connection for each, twelve who listen would wait for one another, and all work for them."""
    woken = {name: asyncio.Event() for name in CHANNELS}
    async with Database.open(fresh.url(), size=3) as database, asyncio.timeout(20), asyncio.TaskGroup() as tasks:

        async def follow(name: str) -> None:
            async with database.listen(name, woken[name].set):
                await woken[name].wait()

        followers = [tasks.create_task(follow(name), name=name) for name in CHANNELS]
        for name, follower in zip(CHANNELS, followers, strict=True):
            while not follower.done():
                await admin.execute(f"notify {name}")
                async with database.transaction(EVERYTHING, read_only=True) as transaction:
                    await transaction.connection.fetchval("select 1")
                await asyncio.sleep(0)


async def test_who_listens_on_a_lost_connection_is_told_so_and_listens_anew(
    fresh: Fresh, admin: asyncpg.Connection
) -> None:
    async with Database.open(fresh.url(), size=2) as database, asyncio.timeout(20):
        woken = asyncio.Event()
        async with database.listen("one", woken.set) as first, database.listen("two", woken.set) as second:
            assert first is second
            await admin.execute("select pg_terminate_backend($1)", first.get_server_pid())
            with pytest.raises(asyncpg.InterfaceError):
                while not first.is_closed():
                    await asyncio.sleep(0.01)
            async with database.listen("one", woken.set) as third:
                assert not third.is_closed()
                await admin.execute("notify one")
                await woken.wait()
        async with database.listen("one", woken.set) as again:
            assert not again.is_closed()


async def test_who_listens_twice_to_one_channel_ends_one_alone(fresh: Fresh, admin: asyncpg.Connection) -> None:
    async with Database.open(fresh.url(), size=2) as database, asyncio.timeout(20):
        one, two = asyncio.Event(), asyncio.Event()
        async with database.listen("one", two.set):
            async with database.listen("one", one.set):
                await admin.execute("notify one")
                await one.wait()
                await two.wait()
            one.clear()
            two.clear()
            await admin.execute("notify one")
            await two.wait()
            assert not one.is_set()


async def test_who_gives_up_while_beginning_to_listen_keeps_no_connection(
    fresh: Fresh, admin: asyncpg.Connection
) -> None:
    async with Database.open(fresh.url(), size=1) as database, asyncio.timeout(20):
        with pytest.raises(asyncpg.SyntaxOrAccessError):
            async with database.listen("", lambda: None):
                pytest.fail("a channel without a name can be listened to")
        async with database.transaction(EVERYTHING, read_only=True) as transaction:
            assert await transaction.connection.fetchval("select 1") == 1
