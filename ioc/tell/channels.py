"""The channels of an installation by their names, as its settings and its endpoints have them.

`mail` (where a mail server is set) takes a mailbox; `sms` and `zalo` take a telephone number, and are the endpoints of
kind gateway with these codes; `push` (where push services are set) takes a login; `webhook` and `gateway` take the
code of an endpoint of a unit. What an endpoint is set to is read at each sending, so that a change holds at once.
"""

import datetime as dt
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

import msgspec

from ioc.access.scope import EVERYTHING
from ioc.outbound import Outbound
from ioc.settings import Settings, SettingsError
from ioc.store import endpoints, push_subscriptions
from ioc.store.away import AWAY
from ioc.store.database import Database
from ioc.tell.channel import Again, Channel, Message, Outcome, Refused
from ioc.tell.endpoint import Endpoint
from ioc.tell.gateway import Gateway, asked
from ioc.tell.mail import Mail
from ioc.tell.push import Subscription, Vapid
from ioc.tell.pushing import Push
from ioc.tell.webhook import Webhook, cloud_event, posted

GATEWAYS = ("sms", "zalo")
"""Codes of the gateways for people's own telephone numbers, and names of their channels."""

FIND_S = 10.0
"""Seconds (monotonic) that PostgreSQL may take to tell what an endpoint is set to."""

KEY = "vapid.pem"
"""File in the state dir of the key by which push services know this installation."""

Clock = Callable[[], dt.datetime]


class Channels(msgspec.Struct, frozen=True, kw_only=True):
    """All channels by name. `push_key` is the public key that browsers subscribe with, `push_hosts` the push services
    that may be called; both are empty where web push is off."""

    by_name: Mapping[str, Channel]
    outbound: Outbound
    now: Clock
    source: str
    links: str
    push_key: str = ""
    push_hosts: tuple[str, ...] = ()

    async def tried(self, endpoint: Endpoint, message: Message, to: str = "") -> Outcome:
        """Send a message to an endpoint as it is given, enabled or not; `to` is the number where a gateway has none."""
        if endpoint.kind in ("webhook", "channel"):
            body = msgspec.json.encode(cloud_event(message, self.source, self.links))
            return await posted(self.outbound, endpoint, message.id, body, self.now())
        if endpoint.kind == "mail":
            mail = self.by_name.get("mail")
            if mail is None:
                return Refused(reason="no mail server is set: give IOC_SMTP_URL and IOC_SMTP_SENDER")
            return await mail.send(message, endpoint.address)
        if endpoint.template is None:
            return Refused(reason="this gateway has no template")
        phone = to or endpoint.address
        return await asked(self.outbound, endpoint, endpoint.template, message, phone, self.links, self.now())


class _OfUnits:
    """The telephone numbers of units, each by the gateway that its endpoint describes; the address is the code."""

    def __init__(self, channels: Callable[[], Channels], find: Callable[[str], Awaitable[Endpoint | None]]) -> None:
        self._channels = channels
        self._find = find

    async def send(self, message: Message, address: str) -> Outcome:
        endpoint = await self._find(address)
        if endpoint is None or endpoint.kind != "gateway" or not endpoint.address:
            return Refused(reason="there is no enabled gateway of this code with a telephone number")
        return await self._channels().tried(endpoint, message)


class _Surely:
    """A channel whose look into the database may fail: that is a reason to try again, as any other."""

    def __init__(self, inner: Channel) -> None:
        self._inner = inner

    async def send(self, message: Message, address: str) -> Outcome:
        try:
            return await self._inner.send(message, address)
        except AWAY as error:
            return Again(reason=f"PostgreSQL did not tell where to send it ({type(error).__name__})")


@asynccontextmanager
async def channels_of(
    settings: Settings, outbound: Outbound, database: Database, now: Clock
) -> AsyncIterator[Channels]:
    """The channels for as long as the block lasts. Raises SettingsError naming the setting that cannot be used."""
    reading = database.within(FIND_S)

    async def find(code: str) -> Endpoint | None:
        async with reading.transaction(EVERYTHING, read_only=True) as transaction:
            return await endpoints.enabled(transaction, code)

    async with AsyncExitStack() as stack:
        links, source = settings.links, settings.links or f"/{settings.centre}"
        made: dict[str, Channel] = {"webhook": Webhook(outbound, find, now, source=source, links=links)}
        for code in GATEWAYS:
            made[code] = Gateway(outbound, partial(find, code), now, links=links)
        if settings.mail_server is not None and settings.sender is not None:
            mail = Mail.open(outbound, settings.mail_server, settings.sender, ca=settings.smtp_ca, links=links)
            made["mail"] = await stack.enter_async_context(mail)
        key = ""
        if settings.push_services:
            vapid = _vapid(settings)
            key, made["push"] = vapid.public, _push(settings, outbound, reading, vapid, now)
        channels: Channels
        made["gateway"] = _OfUnits(lambda: channels, find)
        channels = Channels(
            by_name={name: _Surely(one) for name, one in made.items()}, outbound=outbound, now=now, source=source,
            links=links, push_key=key, push_hosts=settings.push_services,
        )  # fmt: skip
        yield channels


def _vapid(settings: Settings) -> Vapid:
    path = settings.state / KEY
    try:
        return Vapid.at(path, settings.contact)
    except (OSError, ValueError) as error:
        raise SettingsError(f"the key of web push in {path} cannot be used ({error}): check IOC_STATE_DIR") from error


def _push(settings: Settings, outbound: Outbound, database: Database, vapid: Vapid, now: Clock) -> Push:
    async def subscribed(login: str) -> list[Subscription]:
        async with database.transaction(EVERYTHING, read_only=True) as transaction:
            return await push_subscriptions.of_login(transaction, login)

    async def forget(subscription: Subscription) -> None:
        async with database.transaction(EVERYTHING) as transaction:
            await push_subscriptions.forget(transaction, subscription)

    return Push(outbound, vapid, subscribed, forget, now, hosts=settings.push_services)
