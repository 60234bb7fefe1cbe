"""The live stream of a real server over a real PostgreSQL."""

import asyncio
import datetime as dt
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg
import orjson
import pytest

from ioc.access.scope import EVERYTHING
from ioc.store.database import Transaction
from ioc.store.notifications import enqueue
from tests.conftest import Fresh
from tests.fakes.http_centre import PASSWORD, Centre, now, running_centre
from tests.fakes.telling import notification


@pytest.fixture
async def centre(migrated: Fresh, tmp_path: Path) -> AsyncIterator[Centre]:
    async with running_centre(migrated.url, tmp_path) as one:
        yield one


class Reader:
    """A reader of the stream that keeps its last event id as a browser does."""

    def __init__(self, content: aiohttp.StreamReader) -> None:
        self._content = content
        self.last = ""

    async def next(self) -> tuple[str, dict[str, Any]]:
        """The next event's name and its CloudEvent."""
        name, data = "", b""
        async with asyncio.timeout(20):
            while True:
                line = await self._content.readline()
                if not line:
                    raise EOFError
                if line == b"\n" and name:
                    return name, orjson.loads(data)
                field, _, value = line.rstrip(b"\n").partition(b": ")
                if field == b"id":
                    self.last = value.decode()
                elif field == b"event":
                    name = value.decode()
                elif field == b"data":
                    data = value

    async def until(self, name: str) -> list[tuple[str, dict[str, Any]]]:
        """All events up to the one with this name, which is left out."""
        found = []
        while (event := await self.next())[0] != name:
            found.append(event)
        return found


@asynccontextmanager
async def reading(
    centre: Centre, query: str = "", who: str = "admin", last: str | None = None, **headers: str
) -> AsyncIterator[Reader]:
    more = {} if last is None else {"Last-Event-ID": last}
    mine = headers or centre.bearer(who)
    async with centre.http.get(f"{centre.url}/api/v1/live{query}", headers=mine | more) as answer:
        assert answer.status == 200
        assert answer.content_type == "text/event-stream"
        yield Reader(answer.content)


async def test_a_snapshot_then_ready_then_changes(centre: Centre) -> None:
    incident = await centre.incident()
    await centre.incident(status="closed")
    async with reading(centre, "?snapshot=1") as reader:
        events = await reader.until("ready")
        names = [name for name, _ in events]
        assert names.count("incident") == 1
        assert names.count("device") == names.count("camera") == 2
        device = next(data for name, data in events if name == "device" and data["subject"] == "gauge-one")
        assert device["type"] == "vn.ioc.device.put.v1"
        assert device["specversion"] == "1.0"
        assert device["data"]["properties"]["latest"]["water_level"]["value"] == 6.5
        body = {"expected_version": 1}
        assert (await centre.post(f"/api/v1/incidents/{incident}/acknowledge", body))[0] == 200
        name, event = await reader.next()
        assert (name, event["subject"]) == ("incident", incident)
        assert event["data"]["properties"]["status"] == "acknowledged"
        _, items, _ = await centre.get(f"/ogc/collections/incidents/items/{incident}")
        items.pop("links")
        assert event["data"] == items
        assert reader.last == event["id"]


async def test_a_reader_resumes_without_a_gap(centre: Centre) -> None:
    for number in range(5):
        await centre.told(f"i{number}")
    async with reading(centre, "?snapshot=1") as reader:
        await reader.until("ready")
        while int(reader.last) < 5:
            await reader.next()  # told while the snapshot was made
        cursor = reader.last
    for number in range(5, 9):
        await centre.told(f"i{number}")
    async with reading(centre, "?snapshot=1", last=cursor) as reader:
        events = [await reader.next() for _ in range(5)]  # one of them says that it has caught up
        told = [event["subject"] for name, event in events if name == "incident"]
        assert told == ["i5", "i6", "i7", "i8"]
    async with reading(centre, f"?last_event_id={cursor}") as reader:
        assert (await reader.next())[1]["subject"] == "i5"


async def test_no_change_is_lost_when_writers_commit_out_of_order(migrated: Fresh, tmp_path: Path) -> None:
    """Forty writers take versions and commit in any order; readers that come and go see each change once."""
    wanted = {f"w{number}" for number in range(40)}
    seen: list[str] = []
    async with (
        running_centre(migrated.url, tmp_path) as centre,
        asyncpg.create_pool(migrated.url("postgres"), max_size=20) as pool,
    ):
        async with reading(centre) as reader:
            await reader.until("ready")
            await centre.told("first")
            await reader.next()
            last = reader.last
        async with asyncio.TaskGroup() as tasks:
            for number in range(40):
                tasks.create_task(_slow_writer(pool, centre, number), name=f"writer {number}")
            tasks.create_task(_read_all(centre, last, wanted, seen), name="reader")
    assert sorted(seen) == sorted(wanted)


async def _slow_writer(pool: "asyncpg.Pool[Any]", centre: Centre, number: int) -> None:
    async with pool.acquire() as connection:
        await connection.set_type_codec(
            "jsonb",
            schema="pg_catalog",
            encoder=lambda value: orjson.dumps(value).decode(),
            decoder=orjson.loads,
        )
        outer = connection.transaction()
        await outer.start()
        await connection.fetchval("select pg_current_xact_id()")
        if number % 7 == 0:  # a version that is never used
            await connection.fetchval("select nextval(pg_get_serial_sequence('changes', 'id'))")
        await centre.change(Transaction(connection), f"w{number}")
        await connection.fetchval("select pg_sleep($1)", (number * 7 % 5) / 50)
        await outer.commit()


async def _read_all(centre: Centre, last: str, wanted: set[str], seen: list[str]) -> None:
    """Reads three events a visit, and resumes."""
    while set(seen) != wanted:
        async with reading(centre, last=last) as reader:
            for _ in range(3):
                name, event = await reader.next()
                assert name != "reset"
                if name == "incident":
                    seen.append(event["subject"])
                if set(seen) == wanted:
                    return
            last = reader.last


async def test_an_old_or_unknown_event_id_resets(centre: Centre) -> None:
    await centre.told("old", at=now() - dt.timedelta(hours=25))
    await centre.told("new")
    async with reading(centre, last="2") as reader:
        assert (await reader.next())[0] == "ready"
    for last in ("1", "999999", "x", "-1", "99999999999999999999999"):
        async with reading(centre, last=last) as reader:
            name, event = await reader.next()
            assert (name, event["type"]) == ("reset", "vn.ioc.reset.put.v1")
            assert reader.last == ""
            assert {name for name, _ in await reader.until("ready")} == {"device", "camera"}
            assert reader.last == "2"


async def test_a_district_sees_its_own_and_what_leaves_it(centre: Centre) -> None:
    async with reading(centre, "?snapshot=1", "district") as reader:
        events = await reader.until("ready")
        assert {event["data"]["properties"]["centre"] for _, event in events} == {"hoi-an"}
        await centre.told("foreign")
        await centre.told("own", centre="hoi-an")
        await centre.told("moved", centre="quang-nam", centre_before="hoi-an")
        await centre.told("last", centre="hoi-an")
        _, event = await reader.next()
        assert (event["subject"], event["type"]) == ("own", "vn.ioc.incident.put.v1")
        _, event = await reader.next()
        assert (event["subject"], event["type"]) == ("moved", "vn.ioc.incident.removed.v1")
        assert event["data"] == {"type": "Feature", "id": "moved", "geometry": None, "properties": {}}
        assert (await reader.next())[1]["subject"] == "last"


async def test_a_reader_off_the_ring_reads_the_log(migrated: Fresh, tmp_path: Path) -> None:
    """More changes than memory holds are resumed from PostgreSQL, for its scope only."""
    async with running_centre(migrated.url, tmp_path, keep=10) as centre:
        for number in range(40):
            await centre.told(f"i{number}", centre="hoi-an" if number % 2 else "quang-nam")
        async with reading(centre, who="district", last="1") as reader:
            found: list[str] = []
            while "i39" not in found:
                name, event = await reader.next()
                found += [event["subject"]] if name == "incident" else []
        assert found == [f"i{number}" for number in range(1, 40, 2)]


async def test_the_stream_ends_with_its_session(centre: Centre) -> None:
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(base_url=centre.url, cookie_jar=jar) as browser:
        body = {"user": "admin", "password": PASSWORD}
        for way in ("signs out", "expires", "disabled"):
            async with browser.post("/api/v1/session", json=body) as answer:
                assert answer.status == 200
            async with browser.get("/api/v1/live") as answer:
                reader = Reader(answer.content)
                await reader.until("ready")
                if way == "signs out":
                    async with browser.delete("/api/v1/session", headers={"Origin": centre.url}) as gone:
                        assert gone.status == 204
                elif way == "expires":
                    await centre.owner.execute("update sessions set expires_at = now()")
                else:
                    await centre.owner.execute("update accounts set disabled_at = now() where login = 'admin'")
                async with asyncio.timeout(5):
                    with pytest.raises((EOFError, aiohttp.ClientError)):
                        await reader.next()


async def test_a_stream_that_was_open_while_nothing_could_be_noted_stays(centre: Centre) -> None:
    """After hours without PostgreSQL a session looks idle; an open stream is a use of it."""
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(base_url=centre.url, cookie_jar=jar) as browser:
        async with browser.post("/api/v1/session", json={"user": "admin", "password": PASSWORD}) as answer:
            assert answer.status == 200
        async with browser.get("/api/v1/live") as answer:
            reader = Reader(answer.content)
            await reader.until("ready")
            await centre.owner.execute("update sessions set seen_at = now() - interval '3 hours'")
            async with asyncio.timeout(10):
                while await centre.owner.fetchval(
                    "select count(*) from sessions where seen_at < now() - '1 h'::interval"
                ):
                    await asyncio.sleep(0.05)
            await centre.told("after")
            assert (await reader.next())[1]["subject"] == "after"


async def test_a_reader_that_stalls_delays_nobody(migrated: Fresh, tmp_path: Path) -> None:
    """Megabytes are told while one reader takes nothing; another has them all at once."""
    async with running_centre(migrated.url, tmp_path, keep=50) as centre, reading(centre) as stalled:
        await stalled.until("ready")
        async with reading(centre) as quick:
            await quick.until("ready")
            big = {"type": "Feature", "id": "x", "geometry": None, "properties": {"text": "x" * 100_000}}
            for number in range(120):
                async with centre.database.transaction(EVERYTHING) as transaction:
                    await transaction.connection.execute(
                        """insert into changes (subject, subject_id, op, centre, area, at, value)
                           values ('incident', $1, 'put', 'quang-nam', 'a', now(), $2)""",
                        str(number),
                        big,
                    )
                    await transaction.connection.execute("notify ioc_changes")
                assert (await quick.next())[1]["subject"] == str(number)
        seen = [await stalled.next() for _ in range(3)]
        assert seen[0][1]["subject"] == "0"


async def test_the_server_stops_soon_with_streams_open(migrated: Fresh, tmp_path: Path) -> None:
    loop = asyncio.get_running_loop()
    async with running_centre(migrated.url, tmp_path) as centre:
        answer = await centre.http.get(f"{centre.url}/api/v1/live", headers=centre.bearer("admin"))
        await Reader(answer.content).until("ready")
        began = loop.time()
    assert loop.time() - began < 4
    answer.close()


async def test_a_change_is_heard_without_a_notification(centre: Centre) -> None:
    """The wake-up may be lost: the log is read every second."""
    async with reading(centre) as reader:
        await reader.until("ready")
        await centre.owner.execute(
            """insert into changes (subject, subject_id, op, centre, area, at, value)
               values ('device', 'quiet', 'put', 'quang-nam', 'a', now(), '{}')"""
        )
        assert (await reader.next())[1]["subject"] == "quiet"


async def test_the_tail_comes_back_after_its_connection_is_cut(migrated: Fresh, centre: Centre) -> None:
    async with reading(centre) as reader:
        await reader.until("ready")
        name = await centre.owner.fetchval("select current_database()")
        admin = await asyncpg.connect(migrated.url("postgres"))
        await admin.execute(
            """select pg_terminate_backend(pid) from pg_stat_activity
               where datname = $1 and usename = 'ioc_app'""",
            name,
        )
        await admin.close()
        await centre.owner.execute(
            """insert into changes (subject, subject_id, op, centre, area, at, value)
               values ('device', 'after', 'put', 'quang-nam', 'a', now(), '{}')"""
        )
        assert (await reader.next())[1]["subject"] == "after"


async def test_many_readers_hear_a_change_soon(centre: Centre) -> None:
    async with asyncio.TaskGroup() as tasks:
        ready = asyncio.Semaphore(0)

        async def one() -> float:
            async with reading(centre, "?snapshot=1") as reader:
                await reader.until("ready")
                ready.release()
                _, event = await reader.next()
                return now().timestamp() - dt.datetime.fromisoformat(event["time"]).timestamp()

        readers = [tasks.create_task(one(), name="reader") for _ in range(50)]
        for _ in readers:
            await ready.acquire()
        await centre.told("soon")
    assert max(reader.result() for reader in readers) < 1.0


async def test_a_reader_hears_at_once_of_what_is_told_to_the_reader_alone(centre: Centre) -> None:
    """How many are not read, as an event without an id; nobody else hears it, and reading is told too."""
    async with reading(centre, "?snapshot=1", "viewer") as mine, reading(centre, "?snapshot=1", "operator") as other:
        for reader in (mine, other):
            await reader.until("ready")
        last = mine.last
        async with centre.database.transaction(EVERYTHING) as transaction:
            await enqueue(transaction, [notification("viewer"), notification("viewer")])
        at = time.monotonic()
        name, event = await mine.next()
        assert time.monotonic() - at < 3  # half a second on a machine that does nothing else
        assert (name, event["subject"], event["data"]["unread"]) == ("told", "viewer", 2)
        assert event["type"] == "vn.ioc.told.put.v1"
        assert mine.last == last
        await centre.post("/api/v1/notifications/read", {"through": "999999"}, "viewer")
        assert (await mine.next())[1]["data"]["unread"] == 0
        await centre.told("other-thing")
        assert (await other.next())[0] == "incident"
