"""The log of messages over HTTP, by requests to a real server over a real PostgreSQL."""

import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from ioc.access.scope import EVERYTHING
from ioc.access.tokens import digest
from ioc.store import messages
from ioc.store.messages import New
from ioc.store.notifications import enqueue
from ioc.tell import order
from ioc.tell.channel import Accepted, Refused
from ioc.tell.order import Hop, Patience, Standing
from tests.conftest import Fresh
from tests.fakes.http_centre import Centre, new_id, now, running_centre
from tests.fakes.telling import notification

BASE = "/api/v1/messages"
SMS = Hop("sms", "+84905000111")


@pytest.fixture
async def centre(migrated: Fresh, tmp_path: Path) -> AsyncIterator[Centre]:
    async with running_centre(migrated.url, tmp_path) as one:
        yield one


def standing(severity: str = "severe", *outcomes: Any) -> Standing:
    found = order.begun(severity, (SMS, Hop("mail", "lan@example.vn")), now(), Patience())
    for one in outcomes:
        found = order.after(found, one, now(), 0.0, Patience())
    return found


DEAD = (Refused(reason="no such number"), Refused(reason="no such mailbox"))


async def sent(centre: Centre, to: str, how: Standing, word: str = "", home: str = "quang-nam", **about: Any) -> str:
    """A message with one thing, and a sending of it whose receipt is taken under a word; its id."""
    one = notification(to, centre=home, area="502@2024-09-01", **about)
    async with centre.database.transaction(EVERYTHING) as transaction:
        await enqueue(transaction, [one])
        number = await transaction.connection.fetchval("select max(id) from notifications")
        new = New(id=new_id(), recipient=to, language="vi", standing=how, items=(number,), repeats=False, created=now())
        await messages.add(transaction, [new], now())
        [kept] = await messages.locked(transaction, [new.id])
        begun = await messages.begin(transaction, [(kept, SMS, digest(word or str(new.id)))], now())
        await messages.end(transaction, begun[new.id], "accepted", "", "", now())
        await messages.save(transaction, kept, now())
    if how.taken_by:
        await centre.owner.execute("update messages set taken_by = $1", how.taken_by)
    return str(new.id)


async def listed(centre: Centre, query: str = "", who: str = "admin") -> list[str]:
    status, body, _ = await centre.get(BASE + query, who)
    assert status == 200, body
    return [one["id"] for one in body["messages"]]


async def test_the_log_is_seen_by_place_and_one_s_own_by_oneself(centre: Centre) -> None:
    here = await sent(centre, "operator", standing(), title="Ở đây")
    there = await sent(centre, "viewer", standing(), home="hoi-an")
    assert await listed(centre) == [there, here]
    assert await listed(centre, who="district") == [there]
    assert await listed(centre, "?recipient=me", "viewer") == [there]
    assert (await centre.get(BASE, "viewer"))[0] == 403
    assert (await centre.get(f"{BASE}/{here}", "district"))[0] == 404
    assert (await centre.get(f"{BASE}/{here}", "viewer"))[0] == 404
    status, body, _ = await centre.get(f"{BASE}/{there}", "viewer")
    assert (status, body["message"]["recipient"], len(body["items"])) == (200, "viewer", 1)
    status, body, _ = await centre.get(f"{BASE}/{here}", "operator")
    assert (body["message"]["title"], body["message"]["state"], body["message"]["channel"]) == (
        "Ở đây",
        "waiting",
        "sms",
    )
    assert [one["address"] for one in body["deliveries"]] == ["+84…111"]


async def test_it_is_filtered_and_paged(centre: Centre) -> None:
    ticket = str(uuid.uuid4())
    dead = await sent(centre, "operator", standing("minor", *DEAD), ticket=ticket)
    waiting = await sent(centre, "admin", standing())
    told = await sent(centre, "admin", standing("minor", Accepted()))
    assert await listed(centre, "?state=dead") == await listed(centre, "?dead=true") == [dead]
    assert await listed(centre, f"?ticket={ticket}") == [dead]
    assert await listed(centre, "?state=told") == [told]
    assert await listed(centre, "?state=waiting&recipient=me") == [waiting]
    _, first, _ = await centre.get(f"{BASE}?limit=2")
    assert (first["next"], first["dead"]) == (waiting, 1)
    assert await listed(centre, f"?limit=2&before={first['next']}") == [dead]
    for query in ("?state=due", "?ticket=1", "?before=x"):
        assert (await centre.get(BASE + query))[0] == 400


async def test_a_dead_letter_is_sent_again_by_an_administrator_once(centre: Centre) -> None:
    dead = await sent(centre, "operator", standing("minor", *DEAD))
    assert (await centre.post(f"{BASE}/{dead}/again", None, "operator"))[0] == 403
    status, body = await centre.post(f"{BASE}/{dead}/again", None)
    assert (status, body["message"]["state"], body["message"]["round"]) == (200, "waiting", 2)
    status, problem = await centre.post(f"{BASE}/{dead}/again", None)
    assert (status, problem["code"]) == (409, "message-not-dead")
    assert (await centre.post(f"{BASE}/{uuid.uuid4()}/again", None))[0] == 404
    assert await centre.owner.fetchval("select count(*) from audit where act = 'message.again'") == 1


async def receipt(centre: Centre, word: str, body: Any) -> int:
    status, _ = await centre.ask("POST", f"/api/v1/receipts/{word}", body, None)
    return status


async def test_a_receipt_needs_its_word_alone_and_tells(centre: Centre) -> None:
    message = await sent(centre, "operator", standing("severe", Accepted()), "secret-word")
    assert await receipt(centre, "other-word", {"status": "delivered"}) == 404
    assert await receipt(centre, "secret-word", {"status": "gone"}) == 400
    for _ in range(2):
        assert await receipt(centre, "secret-word", {"status": "delivered", "id": 7}) == 204
    _, body, _ = await centre.get(f"{BASE}/{message}")
    assert (body["message"]["state"], body["message"]["told_by"]) == ("told", "sms")
    assert (body["deliveries"][0]["receipt"], body["deliveries"][0]["receipt_at"] is None) == ("delivered", False)
    assert await receipt(centre, "secret-word", {"status": "failed"}) == 204  # too late: it arrived
    assert (await centre.get(f"{BASE}/{message}"))[1]["message"]["state"] == "told"


async def test_a_receipt_of_failure_goes_on_to_the_next_channel(centre: Centre) -> None:
    message = await sent(centre, "operator", standing("minor", Accepted()), "secret-word")
    async with centre.http.post(f"{centre.url}/api/v1/receipts/secret-word", data={"status": "failed"}) as answer:
        assert answer.status == 204
    _, body, _ = await centre.get(f"{BASE}/{message}")
    assert (body["message"]["state"], body["message"]["channel"]) == ("waiting", "mail")


async def test_metrics_tell_what_waits_and_dead_letters(centre: Centre) -> None:
    await sent(centre, "operator", standing("minor", *DEAD))
    await sent(centre, "operator", standing())
    _, text, _ = await centre.get("/metrics", "operator")
    assert b"ioc_messages_dead 1" in text
    assert b"ioc_messages_waiting 3" in text
