"""Webhooks at a real receiver that fails on purpose."""

import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from ioc.outbound import Allowed, Outbound
from ioc.tell import signing, webhook
from ioc.tell.channel import Again, Refused, Told
from ioc.tell.endpoint import Endpoint
from ioc.tell.webhook import Webhook, cloud_event
from tests.contract.test_channel import MESSAGE
from tests.fakes.hook_receiver import HookReceiver, receiving
from tests.fakes.soc import papers
from tests.fakes.stations import HERE, SECRET, endpoint, event_of, now, verified

OTHER = "whsec_" + "QUJD" * 12


@asynccontextmanager
async def hooked(allowed: Allowed = HERE, **changed: Any) -> AsyncIterator[tuple[Webhook, HookReceiver]]:
    async with receiving() as receiver, Outbound.open(allowed) as outbound:
        receiver.judge = verified
        made = endpoint(**{"address": f"{receiver.url}/hook?x=1"} | changed)

        async def find(code: str) -> Endpoint | None:
            return made if code == made.code else None

        yield Webhook(outbound, find, now, source="https://ioc.test", links="https://ioc.test"), receiver


async def test_a_signed_cloud_event_arrives() -> None:
    async with hooked() as (channel, receiver):
        assert await channel.send(MESSAGE, "so-nnmt") == Told()
    (asked,) = receiver.taken
    assert (asked.method, asked.path, asked.query) == ("POST", "/hook", "x=1")
    event = event_of(asked)
    assert event["specversion"] == "1.0"
    assert (event["id"], event["source"]) == (MESSAGE.id, "https://ioc.test")
    assert (event["type"], event["subject"]) == ("vn.ioc.message.escalation.v1", MESSAGE.thread)
    assert event["time"] == "2026-11-26T01:02:03Z"
    assert event["data"]["text"] == MESSAGE.text
    assert event["data"]["items"][0]["link"].startswith("https://ioc.test/inbox#")
    assert "receipt" not in json.dumps(event)


async def test_while_a_secret_changes_receivers_with_either_are_served() -> None:
    rotated = endpoint().rotated(OTHER, now())
    async with hooked() as (_, receiver), Outbound.open(HERE) as outbound:
        made = msgspec.structs.replace(rotated, address=receiver.url)

        async def find(code: str) -> Endpoint | None:
            return made

        channel = Webhook(outbound, find, now, source="/x")
        assert await channel.send(MESSAGE, "so-nnmt") == Told(), "a receiver that has the old secret"
        (asked,) = receiver.taken
        signing.verify(asked.headers, asked.body, [signing.key_of(OTHER)], now().timestamp())


@pytest.mark.parametrize(
    ("fate", "kind"),
    [
        ("400", Refused), ("404", Refused), ("408", Again), ("410", Refused), ("425", Again), ("429", Again),
        ("500", Again), ("503", Again), ("cut in the middle", Again), ("cut before the answer", Again), ("slow", Told),
        ("redirect", Refused), ("garbage", Again), ("large", Again), ("hang", Again),
    ],
)  # fmt: skip
async def test_what_each_failure_means(fate: str, kind: type, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook, "WITHIN_S", 0.3 if fate == "hang" else 5.0)
    async with hooked() as (channel, receiver):
        receiver.fails = lambda number: fate if number == 1 else ""
        receiver.more = {"Retry-After": "77"} if fate in ("429", "503") else {}
        outcome = await channel.send(MESSAGE, "so-nnmt")
        assert isinstance(outcome, kind), outcome
        if receiver.more:
            assert isinstance(outcome, Again)
            assert outcome.retry_after is not None
            assert outcome.retry_after.total_seconds() == 77
        if isinstance(outcome, Again):
            assert SECRET not in outcome.reason
            assert await channel.send(MESSAGE, "so-nnmt") == Told()
            assert {event_of(one)["id"] for one in receiver.taken} == {MESSAGE.id}


async def test_a_redirect_is_not_followed() -> None:
    async with hooked() as (channel, receiver):
        receiver.fails = lambda number: "redirect" if number == 1 else ""
        outcome = await channel.send(MESSAGE, "so-nnmt")
        assert isinstance(outcome, Refused)
        assert "not followed" in outcome.reason
        assert receiver.came == 1


@pytest.mark.parametrize(
    "address",
    [
        "http://169.254.169.254/latest/meta-data", "http://127.0.0.1:9/", "http://[::1]/", "http://10.99.0.1/",
        "http://localhost/", "http://0x7f000001/", "http://user:pw@10.20.0.1/", "file:///etc/passwd",
    ],
)  # fmt: skip
async def test_an_endpoint_that_leads_elsewhere_is_refused(address: str) -> None:
    async with hooked(Allowed.parse("10.20.0.0/16"), address=address) as (channel, receiver):
        outcome = await channel.send(MESSAGE, "so-nnmt")
    assert isinstance(outcome, Refused)
    assert receiver.came == 0


async def test_a_receiver_with_papers_of_a_stranger_hears_nothing(tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(papers(tmp_path).server)
    async with receiving(context=context) as receiver, Outbound.open(HERE) as outbound:
        made = endpoint(address=f"https://127.0.0.1:{receiver.port}/")

        async def find(code: str) -> Endpoint | None:
            return made

        outcome = await Webhook(outbound, find, now, source="/x").send(MESSAGE, "so-nnmt")
    assert isinstance(outcome, Again)
    assert receiver.came == 0


@pytest.mark.parametrize("changed", [{"code": "other"}, {"kind": "mail", "address": "a@b.vn", "secret": ""}])
async def test_there_is_no_such_webhook(changed: dict[str, Any]) -> None:
    async with hooked(**changed) as (channel, receiver):
        assert isinstance(await channel.send(MESSAGE, "so-nnmt"), Refused)
    assert receiver.came == 0


async def test_a_secret_that_cannot_be_used_is_said_without_it() -> None:
    async with hooked(secret="whsec_short") as (channel, _):
        outcome = await channel.send(MESSAGE, "so-nnmt")
    assert isinstance(outcome, Refused)
    assert "whsec_short" not in outcome.reason


def test_an_event_without_a_thread_has_no_subject() -> None:
    assert "subject" not in cloud_event(msgspec.structs.replace(MESSAGE, thread=""), "/x")
