"""The real channels, each with a real receiver on this machine, as the contract of channels asks for them."""

import base64
import contextlib
import datetime as dt
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from ioc.outbound import Allowed, Answer, Outbound
from ioc.tell import signing
from ioc.tell.endpoint import Endpoint
from ioc.tell.gateway import Gateway
from ioc.tell.mail import Mail
from ioc.tell.mail_server import MailServer, Sender
from ioc.tell.push import Subscription, Vapid
from ioc.tell.pushing import Push
from ioc.tell.template import Good, Template
from ioc.tell.webhook import Webhook
from tests.fakes.hook_receiver import Asked, HookReceiver, receiving
from tests.fakes.post_office import mailing
from tests.fakes.push_service import Browser

HERE = Allowed.parse("127.0.0.0/8")
SENDER = Sender("IOC Quảng Nam", "ioc@example.gov.vn")
SECRET = "whsec_" + base64.b64encode(b"a secret of thirty-two bytes ...").decode()
PHONE = "+84901234567"


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def endpoint(**changed: Any) -> Endpoint:
    """A webhook; nobody listens there."""
    plain: dict[str, Any] = {
        "code": "so-nnmt", "kind": "webhook", "name": "Sở NNMT", "centre": "quang-nam", "secret": SECRET,
        "address": "http://127.0.0.1:9/hook", "changed_at": now(), "changed_by": "an",
    }  # fmt: skip
    return Endpoint(**plain | changed)


def gateway(url: str, **changed: Any) -> Endpoint:
    """A gateway for people's own numbers."""
    body = {"to": "{phone}", "text": "{text}", "ref": "{id}", "back": "{receipt_url}"}
    template = Template(
        url=f"{url}/send", headers={"X-Api-Key": "{secret}"}, body=body, good=Good(member="code", equals=("100",))
    )
    plain = {"code": "sms", "kind": "gateway", "address": "", "secret": "k3y", "template": template}
    return endpoint(**plain | changed)


@contextlib.asynccontextmanager
async def _away(receiver: HookReceiver) -> AsyncIterator[None]:
    receiver.fails = lambda number: "503"
    yield
    receiver.fails = lambda number: ""


@asynccontextmanager
async def mail() -> AsyncIterator[dict[str, Any]]:
    """Mail to a server on loopback."""
    async with mailing() as office, Outbound.open(HERE) as outbound:
        server = MailServer.parse(f"smtp+plain://127.0.0.1:{office.port}")
        async with Mail.open(outbound, server, SENDER) as channel:

            async def received() -> Sequence[tuple[str, str]]:
                return [(one.id, one.text) for one in office.mailed if one.to == "lan@example.vn"]

            @asynccontextmanager
            async def away() -> AsyncIterator[None]:
                office.fails = lambda to: "cut at rcpt"
                yield
                office.fails = lambda to: ""

            yield {
                "channel": channel, "address": "lan@example.vn", "impossible": "lan", "received": received,
                "away": away,
            }  # fmt: skip


@asynccontextmanager
async def webhook() -> AsyncIterator[dict[str, Any]]:
    """A signed webhook; the receiver takes what is signed rightly alone."""
    async with receiving() as receiver, Outbound.open(HERE) as outbound:
        receiver.judge = verified

        async def find(code: str) -> Endpoint | None:
            return endpoint(address=f"{receiver.url}/hook") if code == "so-nnmt" else None

        async def received() -> Sequence[tuple[str, str]]:
            return [(event["id"], event["data"]["text"]) for event in map(event_of, receiver.taken)]

        yield {
            "channel": Webhook(outbound, find, now, source="/quang-nam"), "address": "so-nnmt", "impossible": "none",
            "received": received, "away": lambda: _away(receiver),
        }  # fmt: skip


def verified(asked: Asked) -> int:
    """401 for a request that is not signed with SECRET."""
    try:
        signing.verify(asked.headers, asked.body, [signing.key_of(SECRET)], now().timestamp())
    except signing.SignatureError:
        return 401
    return 200


def event_of(asked: Asked) -> dict[str, Any]:
    """The event of a request in structured mode."""
    assert asked.headers["content-type"].startswith("application/cloudevents+json")
    event: dict[str, Any] = json.loads(asked.body)
    assert event["id"] == asked.headers["webhook-id"]
    return event


@asynccontextmanager
async def sms() -> AsyncIterator[dict[str, Any]]:
    """A gateway of short messages."""
    async with receiving() as receiver, Outbound.open(HERE) as outbound:
        receiver.answer = b'{"code": "100"}'

        async def current() -> Endpoint | None:
            return gateway(receiver.url)

        async def received() -> Sequence[tuple[str, str]]:
            bodies = [json.loads(one.body) for one in receiver.taken]
            return [(one["ref"], one["text"]) for one in bodies if one["to"] == PHONE]

        yield {
            "channel": Gateway(outbound, current, now), "address": PHONE, "impossible": "0901234567",
            "received": received, "away": lambda: _away(receiver),
        }  # fmt: skip


class WithoutTls:
    """The way out, but `https://push.test` is the stand-in on loopback, which speaks no TLS."""

    def __init__(self, outbound: Outbound, url: str) -> None:
        self._outbound, self._url = outbound, url

    async def __call__(self, method: str, url: str, **more: Any) -> Answer:
        return await self._outbound(method, url.replace("https://push.test", self._url), **more)


@asynccontextmanager
async def push() -> AsyncIterator[dict[str, Any]]:
    """A push service that keeps what it cannot read, and the browser that opens it."""
    async with receiving() as receiver, Outbound.open(HERE) as outbound:
        browser = Browser("https://push.test/p/1")
        receiver.status = 201

        async def subscribed(login: str) -> Sequence[Subscription]:
            return [browser.subscription] if login == "lan" else []

        async def forget(subscription: Subscription) -> None:
            raise AssertionError(subscription)

        async def received() -> Sequence[tuple[str, str]]:
            opened = [json.loads(browser.open(one.body)) for one in receiver.taken]
            return [(one["id"], one["body"]) for one in opened]

        vapid = Vapid.made("mailto:ioc@example.gov.vn")
        out: Any = WithoutTls(outbound, receiver.url)
        yield {
            "channel": Push(out, vapid, subscribed, forget, now, hosts=["push.test"]), "address": "lan",
            "impossible": "binh", "received": received, "away": lambda: _away(receiver),
        }  # fmt: skip


ALL: tuple[Callable[[], AbstractAsyncContextManager[dict[str, Any]]], ...] = (mail, webhook, sms, push)
