"""Web push at a stand-in push service: what it is told, and what its answers mean."""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ioc.outbound import Allowed, Outbound
from ioc.tell import pushing
from ioc.tell.channel import Accepted, Again, Refused
from ioc.tell.push import LARGEST, Subscription, Vapid
from ioc.tell.pushing import Push, payload, service_known
from tests.contract.test_channel import MESSAGE
from tests.fakes.hook_receiver import HookReceiver, receiving
from tests.fakes.push_service import Browser
from tests.fakes.stations import HERE, WithoutTls, now
from tests.unit.ioc.tell.test_push import claims_of

VAPID = Vapid.made("mailto:ioc@example.gov.vn")


class Desk:
    """The push channel, its service, the browsers of `lan`, and those that were forgotten."""

    def __init__(self, receiver: HookReceiver, browsers: Sequence[Browser]) -> None:
        self.receiver, self.browsers = receiver, browsers
        self.forgotten: list[Subscription] = []
        self.channel: Push

    async def subscribed(self, login: str) -> Sequence[Subscription]:
        return [one.subscription for one in self.browsers] if login == "lan" else []

    async def forget(self, subscription: Subscription) -> None:
        self.forgotten.append(subscription)


@asynccontextmanager
async def pushed(number: int = 1, hosts: Sequence[str] = ("push.test",)) -> AsyncIterator[Desk]:
    async with receiving() as receiver, Outbound.open(HERE) as outbound:
        receiver.status = 201
        desk = Desk(receiver, [Browser(f"https://push.test/p/{one}") for one in range(number)])
        out: Any = WithoutTls(outbound, receiver.url)
        desk.channel = Push(out, VAPID, desk.subscribed, desk.forget, now, hosts=hosts)
        yield desk


async def test_a_push_service_learns_how_to_deliver_and_nothing_else() -> None:
    async with pushed() as desk:
        assert await desk.channel.send(MESSAGE, "lan") == Accepted()
    (asked,) = desk.receiver.taken
    told = asked.headers
    assert (asked.method, asked.path) == ("POST", "/p/0")
    assert (told["ttl"], told["urgency"], told["content-encoding"]) == (str(pushing.TTL_S), "high", "aes128gcm")
    assert len(told["topic"]) == 32
    assert claims_of(told["authorization"], VAPID.public)["aud"] == "https://push.test"
    for word in ("Phiếu", MESSAGE.id, "inbox", "lan"):
        assert word.encode() not in asked.body
    opened = json.loads(desk.browsers[0].open(asked.body))
    assert (opened["id"], opened["title"], opened["link"]) == (MESSAGE.id, MESSAGE.subject, "/inbox")


async def test_what_is_not_serious_is_not_urgent_and_the_same_again_replaces_itself() -> None:
    minor = msgspec.structs.replace(MESSAGE, severity="minor")
    async with pushed() as desk:
        await desk.channel.send(minor, "lan")
        await desk.channel.send(minor, "lan")
        await desk.channel.send(msgspec.structs.replace(minor, id="other"), "lan")
    told = [one.headers for one in desk.receiver.taken]
    assert {one["urgency"] for one in told} == {"normal"}
    assert told[0]["topic"] == told[1]["topic"] != told[2]["topic"]


@pytest.mark.parametrize("fate", ["404", "410"])
async def test_a_browser_that_is_gone_is_forgotten(fate: str) -> None:
    async with pushed() as desk:
        desk.receiver.fails = lambda number: fate
        assert isinstance(await desk.channel.send(MESSAGE, "lan"), Refused)
    assert desk.forgotten == [desk.browsers[0].subscription]


@pytest.mark.parametrize(("fate", "kind"), [("400", Refused), ("429", Again), ("503", Again), ("hang", Again)])
async def test_a_service_that_fails_is_not_a_browser_that_is_gone(
    fate: str, kind: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pushing, "WITHIN_S", 0.3)
    async with pushed() as desk:
        desk.receiver.fails = lambda number: fate
        assert isinstance(await desk.channel.send(MESSAGE, "lan"), kind)
    assert desk.forgotten == []


async def test_one_browser_that_took_it_is_enough() -> None:
    async with pushed(3) as desk:
        desk.receiver.fails = lambda number: ("410", "503", "")[number - 1]
        assert await desk.channel.send(MESSAGE, "lan") == Accepted()
    assert len(desk.forgotten) == 1
    assert len(desk.receiver.taken) == 1


async def test_nobody_subscribed() -> None:
    async with pushed() as desk:
        outcome = await desk.channel.send(MESSAGE, "binh")
    assert isinstance(outcome, Refused)
    assert desk.receiver.came == 0


async def test_a_service_that_is_not_ours_to_call_is_not_called() -> None:
    async with pushed(hosts=["push.example.vn"]) as desk:
        outcome = await desk.channel.send(MESSAGE, "lan")
    assert isinstance(outcome, Refused)
    assert "IOC_PUSH_HOSTS" in outcome.reason
    assert desk.receiver.came == 0


async def test_what_leads_elsewhere_is_refused_by_the_way_out_too() -> None:
    async def subscribed(login: str) -> Sequence[Subscription]:
        return [Browser("https://169.254.169.254/latest").subscription]

    async def forget(subscription: Subscription) -> None:
        raise AssertionError

    async with Outbound.open(Allowed.parse("0.0.0.0/0")) as outbound:
        channel = Push(outbound, VAPID, subscribed, forget, now, hosts=["169.254.169.254"])
        assert isinstance(await channel.send(MESSAGE, "lan"), Refused)


@pytest.mark.parametrize(
    ("host", "known"),
    [
        ("push.test", True), ("PUSH.test", True), ("a.push.test", False), ("a.notify.test", True),
        ("a.b.notify.test", True), ("notify.test", False), ("xnotify.test", False), ("", False),
    ],
)  # fmt: skip
def test_which_services_may_be_called(host: str, known: bool) -> None:
    assert service_known(host, ["push.test", ".notify.test"]) is known


@given(st.text(max_size=3), st.integers(0, 6_000))
def test_a_text_that_is_too_long_loses_its_end(sign: str, number: int) -> None:
    message = msgspec.structs.replace(MESSAGE, text=sign * number)
    written = payload(message)
    assert len(written) <= LARGEST
    assert message.text.startswith(json.loads(written)["body"])
