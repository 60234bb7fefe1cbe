"""One's own notifications over HTTP, by requests to a real server over a real PostgreSQL."""

import asyncio
import datetime as dt
import time
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from ioc.access.scope import EVERYTHING
from ioc.store import messages
from ioc.store.messages import New
from ioc.store.notifications import enqueue
from ioc.tell import order
from tests.conftest import Fresh
from tests.fakes.http_centre import Centre, new_id, now, running_centre
from tests.fakes.telling import notification

BASE = "/api/v1/notifications"


@pytest.fixture
async def centre(migrated: Fresh, tmp_path: Path) -> AsyncIterator[Centre]:
    async with running_centre(migrated.url, tmp_path) as one:
        yield one


async def told(centre: Centre, *some: Any) -> None:
    async with centre.database.transaction(EVERYTHING) as transaction:
        await enqueue(transaction, some)


async def own(centre: Centre, query: str = "", who: str = "viewer") -> dict[str, Any]:
    status, body, headers = await centre.get(BASE + query, who)
    assert status == 200, body
    assert "no-store" in headers["Cache-Control"]
    found: dict[str, Any] = body
    return found


async def test_one_has_one_s_own_newest_first_whatever_the_role(centre: Centre) -> None:
    thing = str(uuid.uuid4())
    await told(centre, notification("viewer", title="Một"), notification("operator"))
    await told(centre, notification("viewer", title="Hai", ticket=thing, body="b"))
    found = await own(centre)
    assert [one["title"] for one in found["notifications"]] == ["Hai", "Một"]
    newest = found["notifications"][0]
    assert (newest["ticket"], newest["body"], newest["read_at"], found["unread"]) == (thing, "b", None, 2)
    assert (await own(centre, who="district"))["notifications"] == []


async def test_pages_go_on_behind_the_last(centre: Centre) -> None:
    await told(centre, *(notification("viewer", key=f"k{number}") for number in range(5)))
    first = await own(centre, "?limit=2")
    second = await own(centre, f"?limit=2&before={first['next']}")
    last = await own(centre, f"?limit=2&before={second['next']}")
    ids = [one["id"] for page in (first, second, last) for one in page["notifications"]]
    assert (len(set(ids)), last["next"]) == (5, None)


async def test_what_is_read_is_counted_no_more(centre: Centre) -> None:
    await told(centre, *(notification("viewer", key=f"k{number}") for number in range(4)), notification("operator"))
    ids = [one["id"] for one in (await own(centre))["notifications"]]
    assert await centre.post(f"{BASE}/read", {"ids": [ids[0]]}, "viewer") == (200, {"read": 1, "unread": 3})
    assert await centre.post(f"{BASE}/read", {"through": ids[2]}, "viewer") == (200, {"read": 2, "unread": 1})
    assert await centre.post(f"{BASE}/read", {"through": ids[2]}, "viewer") == (200, {"read": 0, "unread": 1})
    assert [one["id"] for one in (await own(centre, "?unread=1"))["notifications"]] == [ids[1]]
    assert (await own(centre, who="operator"))["unread"] == 1
    status, _ = await centre.post(f"{BASE}/read", {"ids": ["x"]}, "viewer")
    assert status == 400


async def test_nobody_reads_for_another(centre: Centre) -> None:
    await told(centre, notification("operator"))
    ids = [one["id"] for one in (await own(centre, who="operator"))["notifications"]]
    assert await centre.post(f"{BASE}/read", {"ids": ids, "through": "999"}, "viewer") == (
        200,
        {"read": 0, "unread": 0},
    )
    assert (await own(centre, who="operator"))["unread"] == 1


async def test_a_page_that_waits_hears_within_a_second(centre: Centre) -> None:
    mark = (await own(centre))["mark"]
    async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(own(centre, f"?mark={mark}&wait=20"), name="page")
        other = tasks.create_task(own(centre, f"?mark={mark}&wait=2", "operator"), name="other")
        done, _ = await asyncio.wait([waiting], timeout=0.3)
        assert not done
        at = time.monotonic()
        await told(centre, notification("viewer", title="Mới"))
        found = await waiting
        took = time.monotonic() - at
        assert (await other)["unread"] == 0
    assert (found["unread"], found["notifications"][0]["title"]) == (1, "Mới")
    assert took < 2, took  # half a second on a machine that does nothing else
    assert (await own(centre, f"?mark={mark}&wait=20"))["unread"] == 1  # there is news already
    status, _, _ = await centre.get(f"{BASE}?wait=3", "viewer")
    assert status == 400


async def test_reading_all_of_a_message_stops_its_way(centre: Centre) -> None:
    await told(centre, *(notification("viewer", key=f"k{number}") for number in range(2)))
    rows = await centre.owner.fetch("select id from notifications order by id")
    message = new_id()
    standing = order.begun("severe", (order.Hop("mail", "v@example.vn"),), now(), order.Patience())
    new = New(
        id=message, recipient="viewer", language="vi", standing=standing, items=tuple(row["id"] for row in rows),
        repeats=False, created=now() - dt.timedelta(minutes=1),
    )  # fmt: skip
    async with centre.database.transaction(EVERYTHING) as transaction:
        await messages.add(transaction, [new], now())
    await centre.post(f"{BASE}/read", {"ids": [str(rows[0]["id"])]}, "viewer")
    assert await centre.owner.fetchval("select state from messages") == "due"
    await centre.post(f"{BASE}/read", {"ids": [str(rows[1]["id"])]}, "viewer")
    row = await centre.owner.fetchrow("select state, told_by, due_at from messages")
    assert tuple(row) == ("told", "page", None)
