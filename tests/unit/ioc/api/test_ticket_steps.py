"""Steps of tickets over HTTP, by requests to a real server over a real PostgreSQL."""

import asyncio
import base64
import datetime as dt
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ioc.access.scope import EVERYTHING
from ioc.gallery import Gallery
from ioc.store import teams
from tests.conftest import Fresh
from tests.fakes.http_centre import Centre, now, running_centre
from tests.fakes.ticket_hands import BASE, TicketHands, opened
from tests.unit.ioc.api.test_comments import SECRET, photograph


@pytest.fixture
async def centre(migrated: Fresh, tmp_path: Path) -> AsyncIterator[Centre]:
    gallery = Gallery(tmp_path / "media", make=False)
    async with running_centre(migrated.url, tmp_path, {"gallery": gallery}) as one:
        gallery.drafts.mkdir()
        yield one


async def test_a_whole_life(centre: Centre) -> None:
    hands = TicketHands(centre, await opened(centre))
    accepted = await hands.take("accept")
    assert (accepted["state"], accepted["owner"], accepted["version"]) == ("accepted", "district", 2)
    assert "start" in accepted["steps"]
    assert "accept" not in accepted["steps"]
    await hands.take("start")
    told = await hands.refused("wait", "why-needed")
    assert (told["status"], "lý do" in told["detail"]) == (422, True)
    waiting = await hands.take("wait", why="chờ vật tư")
    assert (waiting["waiting_why"], waiting["state"]) == ("chờ vật tư", "waiting")
    await hands.take("resume")
    await hands.refused("resolve", "why-needed")
    done = await hands.take("resolve", result="đã bơm hết nước")
    assert (done["state"], done["result"], done["resolved_by"]) == ("resolved", "đã bơm hết nước", "district")
    assert "verify" not in done["steps"]
    await hands.refused("verify", "same-hands")
    await hands.refused("close", "ticket-state")
    await hands.refused("cancel", "not-allowed", why="thôi")
    verified = await hands.take("verify", "admin")
    assert verified["verified_by"] == "admin"
    closed = await hands.take("close")
    assert (closed["state"], closed["steps"]) == ("closed", ["reopen", "comment"])
    again = await hands.take("reopen", why="nước lại ngập")
    assert (again["state"], again["reopens"], again["result"]) == ("reopened", 1, "")
    words = [line["what"] for line in again["log"]]
    assert words == [
        "opened", "accepted", "started", "waiting", "resumed", "resolved", "verified", "closed", "reopened",
    ]  # fmt: skip
    assert [line["version"] for line in again["log"]] == list(range(1, 10))
    acts = await centre.owner.fetch("select act, thing from audit where act like 'ticket.%' order by id")
    assert [row["act"] for row in acts] == [
        f"ticket.{act}" for act in ("open", "accept", "start", "wait", "resume", "resolve", "verify", "close", "reopen")
    ]


async def test_who_saw_an_older_version_is_told_what_happened_since_and_overwrites_nothing(centre: Centre) -> None:
    hands = TicketHands(centre, await opened(centre))
    seen = hands.ticket["version"]
    await hands.take("accept", "admin")
    current = await hands.take("comment", "admin", text="đường vào bị ngập")
    told = await hands.refused(
        "refuse", "stale-ticket", expected_version=seen, why="không thuộc địa bàn",
        made_at=(now() - dt.timedelta(hours=1)).isoformat(),
    )  # fmt: skip
    assert (told["status"], told["current"]["version"], told["current"]["state"]) == (409, 3, "accepted")
    assert [(line["what"], line["version"]) for line in told["log"]] == [("accepted", 2), ("comment", 3)]
    assert "admin" in told["detail"]
    assert (await centre.get(f"{BASE}/{current['id']}", "admin"))[1] == current


async def test_a_comment_needs_no_version_so_that_no_word_is_lost(centre: Centre) -> None:
    hands = TicketHands(centre, await opened(centre))
    await hands.take("accept")
    answer = await hands.take("comment", text="đã tới nơi", expected_version=None)
    assert (answer["version"], answer["log"][-1]["text"]) == (3, "đã tới nơi")
    await hands.refused("comment", "why-needed", text=" ")


async def test_a_draft_says_when_it_was_made_and_never_later_than_now(centre: Centre) -> None:
    hands = TicketHands(centre, await opened(centre))
    made = now() - dt.timedelta(minutes=40)
    answer = await hands.take("accept", made_at=made.isoformat())
    assert dt.datetime.fromisoformat(answer["log"][-1]["made_at"]) == made
    answer = await hands.take("start", made_at=(now() + dt.timedelta(hours=3)).isoformat())
    assert dt.datetime.fromisoformat(answer["log"][-1]["made_at"]) <= now()
    await hands.refused("wait", "bad-value", why="x", made_at="2026-01-01T00:00:00")


async def test_a_step_that_is_sent_again_is_taken_once(centre: Centre) -> None:
    ticket = await opened(centre)
    body, key = {"expected_version": 1}, {"Idempotency-Key": "phone-7"}
    first = await centre.post(f"{BASE}/{ticket['id']}/accept", body, "district", **key)
    second = await centre.post(f"{BASE}/{ticket['id']}/accept", body, "district", **key)
    assert first == second
    assert (first[0], first[1]["version"]) == (200, 2)
    assert await centre.owner.fetchval("select count(*) from ticket_log") == 2


async def test_of_two_at_once_one_wins(centre: Centre) -> None:
    hands = TicketHands(centre, await opened(centre))
    answers = await asyncio.gather(*(hands.ask("accept", who) for who in ("district", "admin") * 3))
    assert sorted(status for status, _ in answers) == [200] + [409] * 5
    assert await centre.owner.fetchval("select count(*) from ticket_log") == 2


async def test_who_does_not_see_a_ticket_takes_no_step(centre: Centre) -> None:
    hands = TicketHands(centre, await opened(centre))
    await hands.refused("accept", "not-found", "operator")
    await hands.refused("comment", "not-allowed", "viewer", text="x")
    await hands.refused("assign", "not-found", "operator", owner="operator")
    assert (await centre.get(f"{BASE}/{hands.ticket['id']}", "viewer"))[1]["steps"] == []


async def test_a_ticket_leaves_the_scope_of_who_forwards_it(centre: Centre) -> None:
    hands = TicketHands(centre, await opened(centre))
    await hands.refused("forward", "no-unit", unit="nowhere", why="x")
    await hands.refused("forward", "no-change", unit="hoi-an", why="x")
    answer = await hands.take("forward", unit="quang-nam", why="đường tỉnh")
    assert (answer["unit"], answer["sender"], answer["bounces"], answer["steps"]) == ("quang-nam", "hoi-an", 1, [])
    assert answer["log"][-1]["from_unit"] == "hoi-an"
    await hands.refused("comment", "not-found", text="x")
    back = await hands.take("forward", "operator", unit="hoi-an", why="đường của phường")
    assert back["log"][-1]["text"] == "đường của phường"
    up = await hands.take("refuse", why="không phải")
    assert (up["unit"], up["bounces"], [line["what"] for line in up["log"][-2:]]) == (
        "quang-nam", 3, ["refused", "bounced_up"],
    )  # fmt: skip
    top = TicketHands(centre, up, "operator")
    await top.refused("refuse", "ticket-state", why="x")


async def test_a_ticket_is_given_to_who_may_work_on_it_and_to_a_team_of_its_unit(centre: Centre) -> None:
    hands = TicketHands(centre, await opened(centre))
    for login in ("operator", "viewer", "nobody"):
        told = await hands.refused("assign", "no-ticket-owner", owner=login)
        assert login in told["title"]
    await hands.refused("assign", "no-team", team="bơm")
    team = teams.Team(
        unit="hoi-an", code="bơm", centre="hoi-an", name="Tổ bơm", members=("district",), version=1, updated_at=now()
    )
    async with centre.database.transaction(EVERYTHING) as transaction:
        await teams.create(transaction, team)
    answer = await hands.take("assign", "admin", owner="admin", team="bơm")
    assert (answer["owner"], answer["team"], answer["state"]) == ("admin", "bơm", "new")
    _, body, _ = await centre.get(f"{BASE}?mine=true", "district")
    assert [one["id"] for one in body["tickets"]] == [answer["id"]]
    answer = await hands.take("assign", owner="district")
    assert (answer["owner"], answer["team"]) == ("district", "bơm")
    await hands.refused("assign", "no-change", owner="district", team="bơm")


async def test_a_part_of_the_work_is_given_to_another_unit(centre: Centre) -> None:
    hands = TicketHands(centre, await opened(centre))
    answer = await hands.take("sub", unit="quang-nam", task="chặn đường")
    [part] = answer["subs"]
    assert (part["unit"], part["task"], part["state"], answer["version"]) == ("quang-nam", "chặn đường", "new", 2)
    _, body, _ = await centre.get(f"{BASE}/{part['id']}", "operator")
    assert (body["parent"]["id"], body["sender"], body["state"]) == (answer["id"], "hoi-an", "new")
    await hands.take("accept")
    await hands.take("resolve", result="xong phần mình")
    await hands.take("verify", "admin")
    assert "1 phiếu con" in (await hands.refused("close", "why-needed"))["detail"]
    await hands.take("close", why="phần đường làm sau")


async def test_photographs_come_with_a_step_without_what_a_telephone_writes_into_them(centre: Centre) -> None:
    hands = TicketHands(centre, await opened(centre))
    await hands.take("accept")
    picture = base64.b64encode(photograph()).decode()
    answer = await hands.take("resolve", result="đã xong", pictures=[picture, picture])
    assert len(answer["photos"]) == 2
    assert answer["log"][-1]["photos"] == answer["photos"]
    status, kept, _ = await centre.get(answer["photos"][0], "district")
    assert (status, SECRET in kept) == (200, False)
    assert (await centre.get(answer["photos"][0], "operator"))[0] == 404
    forwarded = TicketHands(centre, await hands.take("reopen", "admin", why="chưa xong"), "admin")
    await forwarded.take("forward", unit="quang-nam", why="đường tỉnh")
    assert (await centre.get(answer["photos"][0], "operator"))[0] == 200
    row = await centre.owner.fetchrow("select retention, kind, expires_at - taken_at as days from media limit 1")
    assert tuple(row) == ("comment", "comment", dt.timedelta(days=400))
    await forwarded.refused("comment", "photo-refused", pictures=[base64.b64encode(b"no picture").decode()])


async def test_an_upload_that_is_not_there_is_refused_and_nothing_is_done(centre: Centre) -> None:
    hands = TicketHands(centre, await opened(centre))
    await hands.refused("comment", "no-upload", text="ảnh", photos=[str(uuid.UUID(int=3))])
    assert await centre.owner.fetchval("select count(*) from ticket_log") == 1


async def test_operators_cancel_with_a_reason(centre: Centre) -> None:
    hands = TicketHands(centre, await opened(centre, "quang-nam"), "operator")
    await hands.refused("cancel", "why-needed")
    answer = await hands.take("cancel", why="báo nhầm")
    assert (answer["state"], answer["steps"], answer["version"]) == ("cancelled", ["comment"], 2)
