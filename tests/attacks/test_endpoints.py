"""A6 for what people enter: an endpoint, a gateway, a mail server and a push service lead only where they may.

Every attempt to connect of this process is recorded, and canaries listen.
"""

from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any

import pytest

from ioc.outbound import Allowed, Outbound
from ioc.tell.channel import Again, Channel, Outcome, Refused
from ioc.tell.endpoint import Endpoint
from ioc.tell.gateway import Gateway
from ioc.tell.mail import Mail
from ioc.tell.mail_server import MailServer
from ioc.tell.push import Subscription, Vapid
from ioc.tell.pushing import Push
from ioc.tell.webhook import Webhook
from tests.attacks import test_outbound as attacked
from tests.contract.test_channel import MESSAGE
from tests.fakes.push_service import Browser
from tests.fakes.stations import PHONE, SENDER, endpoint, gateway, now

pytestmark = pytest.mark.promise("A6")

ALLOWED = ("10.20.0.0/16", "10.20.0.0/16,evil.local,localhost,metadata.google.internal", "")


@pytest.fixture
def tried() -> Iterator[list[Any]]:
    """Where this process tried to connect to while the test ran."""
    attacked._tried.clear()
    attacked._listening = True
    yield attacked._tried
    attacked._listening = False


@pytest.fixture(params=ALLOWED)
async def outbound(request: pytest.FixtureRequest) -> AsyncIterator[Outbound]:
    """A way out whose resolver is in an attacker's hands."""
    async with Outbound.open(Allowed.parse(request.param), resolve=attacked.everywhere) as opened:
        yield opened


async def refused(channel: Channel, address: str, tried: list[Any]) -> Outcome:
    tried.clear()
    outcome = await channel.send(MESSAGE, address)
    assert isinstance(outcome, Refused | Again), outcome
    assert outcome.reason
    assert tried == [], address
    return outcome


async def test_no_endpoint_leads_where_nobody_may_call(outbound: Outbound, tried: list[Any]) -> None:
    for url in [f"http://{host}:80/hook" for host in attacked.HOSTS] + list(attacked.ADDRESSES):

        async def find(code: str, url: str = url) -> Endpoint:
            return endpoint(address=url)

        await refused(Webhook(outbound, find, now, source="/x"), "so-nnmt", tried)


async def test_no_gateway_leads_where_nobody_may_call(outbound: Outbound, tried: list[Any]) -> None:
    for host in attacked.HOSTS:

        async def current(host: str = host) -> Endpoint:
            return gateway(f"https://{host}")

        await refused(Gateway(outbound, current, now), PHONE, tried)


async def test_no_mail_server_is_where_nobody_may_call(outbound: Outbound, tried: list[Any]) -> None:
    for host in attacked.HOSTS:
        for way in ("tls", "starttls", "plain"):
            server = MailServer(host=host.strip("[]"), port=25, way=way)  # type: ignore[arg-type]
            async with Mail.open(outbound, server, SENDER) as channel:
                await refused(channel, "lan@example.vn", tried)


async def test_no_subscription_leads_where_nobody_may_call(outbound: Outbound, tried: list[Any]) -> None:
    """Even where its host were among the push services."""
    for host in attacked.HOSTS:

        async def subscribed(login: str, host: str = host) -> Sequence[Subscription]:
            return [Browser(f"https://{host}/p").subscription]

        async def forget(subscription: Subscription) -> None:
            raise AssertionError

        vapid = Vapid.made("mailto:ioc@example.gov.vn")
        channel = Push(outbound, vapid, subscribed, forget, now, hosts=[host.strip("[]").lower()])
        await refused(channel, "lan", tried)


async def test_the_instruments_see_a_channel_that_may_call(tried: list[Any]) -> None:
    async def find(code: str) -> Endpoint:
        return endpoint(address="http://127.0.0.1:9/")

    async with Outbound.open(Allowed.parse("127.0.0.0/8")) as outbound:
        tried.clear()
        await Webhook(outbound, find, now, source="/x").send(MESSAGE, "so-nnmt")
        assert ("127.0.0.1", 9) in tried
        tried.clear()
        async with Mail.open(outbound, MailServer(host="127.0.0.1", port=9, way="plain"), SENDER) as channel:
            await channel.send(MESSAGE, "lan@example.vn")
        assert ("127.0.0.1", 9) in tried
