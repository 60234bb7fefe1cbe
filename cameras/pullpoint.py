"""A camera's events by PullPoint (ONVIF Core, "Real-time Pull-Point Notification Interface").

Subscribe, pull with a long poll, renew, unsubscribe at the end. Nothing waits for ever; failures are tried again with a
growing pause; an account that is refused is asked for rarely, so that no camera locks it. The camera's clock is asked
for first, because a wrong one would make every proof of identity wrong, and every event's time.
"""

import asyncio
import datetime as dt
import logging
from collections.abc import Awaitable, Callable, Sequence

import msgspec

from cameras.foreign import moment_of
from cameras.onvif_probe import clock
from cameras.onvif_xml import ADDRESSING as ADDRESSINGS
from cameras.onvif_xml import EVENTS, NOTIFICATION, SCHEMA, Element, XmlError
from cameras.soap import Account, Nonce, written
from cameras.soap_caller import DEVICE, Post, SoapCaller, SoapError, ours

log = logging.getLogger(__name__)

_PULL = f"{EVENTS}/PullPointSubscription/PullMessagesRequest"
_SUBSCRIBE = f"{EVENTS}/EventPortType/CreatePullPointSubscriptionRequest"
_RENEW = "http://docs.oasis-open.org/wsn/bw-2/SubscriptionManager/RenewRequest"
_UNSUBSCRIBE = "http://docs.oasis-open.org/wsn/bw-2/SubscriptionManager/UnsubscribeRequest"


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """How long is waited, in seconds (monotonic)."""

    answer_s: float = 10.0
    poll_s: float = 20.0
    """How long the camera may keep a pull open while nothing happens."""
    lease_s: float = 600.0
    """For how long is subscribed at once."""
    empty_s: float = 1.0
    """Between two pulls of a camera that does not wait."""
    first_retry_s: float = 1.0
    longest_retry_s: float = 60.0
    refused_s: float = 600.0
    """After an account was refused: two proofs at most in each try, so at most 12 an hour."""
    farewell_s: float = 3.0


USUAL = Pace()


class Subscription(msgspec.Struct, frozen=True, kw_only=True):
    """Where the messages of a subscription are pulled, and what is handed back with each request."""

    url: str
    headers: tuple[str, ...]
    until: float


Take = Callable[[bytes, dt.timedelta], Awaitable[None]]
"""(an answer with messages, by how much the camera's clock is ahead) -> when it is durable."""


class PullPoint:
    """One camera. `url` is its device service (`http://host/onvif/device_service`).

    `now` is our wall clock, `dice` gives numbers in 0..1 for the jitter, `sleep` waits. `requests`, `proofs` and
    `failures` count since the start.
    """

    def __init__(
        self,
        code: str,
        url: str,
        account: Account | None,
        post: Post,
        *,
        now: Callable[[], dt.datetime],
        nonce: Nonce,
        dice: Callable[[], float],
        pace: Pace = USUAL,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._code, self._url = code, url
        self._soap = SoapCaller(account, post, now=now, nonce=nonce)
        self._now, self._dice, self._pace, self._sleep = now, dice, pace, sleep
        self._renews = True
        self.failures = 0

    @property
    def ahead(self) -> dt.timedelta:
        """By how much the camera's clock is ahead of ours."""
        return self._soap.ahead

    @property
    def requests(self) -> int:
        """How many requests were made."""
        return self._soap.requests

    @property
    def proofs(self) -> int:
        """How often the account was shown."""
        return self._soap.proofs

    async def run(self, take: Take) -> None:
        """Hand every answer that holds messages to `take`, until cancelled."""
        pause = self._pace.first_retry_s
        while True:
            begun = asyncio.get_running_loop().time()
            try:
                await self._subscribed(take)
            except (SoapError, XmlError, OSError) as error:
                self.failures += 1
                refused = isinstance(error, SoapError) and error.refused
                held = asyncio.get_running_loop().time() - begun > 2 * self._pace.poll_s
                pause = self._pace.first_retry_s if held else pause
                wait = self._pace.refused_s if refused else pause * (0.5 + self._dice() / 2)
                log.warning("events of %s are not pulled (%s); again in %.0f s", self._code, error, wait)
                pause = min(pause * 2, self._pace.longest_retry_s)
                await self._sleep(wait)

    async def _subscribed(self, take: Take) -> None:
        """Subscribe and pull until something fails; the camera is told when we go."""
        self._soap.forget()
        await self._set_clock()
        subscription = await self._subscribe(await self._events_url())
        try:
            while True:
                subscription = await self._pull(subscription, take)
        finally:
            await self._leave(subscription)

    async def _set_clock(self) -> None:
        """Ask for the camera's time, which needs no account; one that does not tell it is taken to be right."""
        body = f'<GetSystemDateAndTime xmlns="{DEVICE}"/>'
        try:
            root = await self._ask(self._url, body, f"{DEVICE}/GetSystemDateAndTime", proof=False)
            told = clock(root)
        except (SoapError, XmlError) as error:
            log.info("camera %s does not tell its time (%s)", self._code, error)
            return
        self._soap.heard(told)

    async def _events_url(self) -> str:
        """The address of the event service, on the host that we know: many cameras tell one that leads nowhere."""
        body = f'<GetCapabilities xmlns="{DEVICE}"><Category>Events</Category></GetCapabilities>'
        root = await self._ask(self._url, body, f"{DEVICE}/GetCapabilities")
        events = next(root.every("Events", SCHEMA), None)
        address = events.find("XAddr", SCHEMA) if events is not None else None
        return ours(address.text, self._url) if address is not None and address.text else self._url

    async def _subscribe(self, url: str) -> Subscription:
        lease = f"<InitialTerminationTime>PT{self._pace.lease_s:.0f}S</InitialTerminationTime>"
        body = f'<CreatePullPointSubscription xmlns="{EVENTS}">{lease}</CreatePullPointSubscription>'
        root = await self._ask(url, body, _SUBSCRIBE)
        reference = next(root.every("SubscriptionReference", EVENTS), None)
        address = reference.find("Address", *ADDRESSINGS) if reference is not None else None
        if reference is None or address is None or not address.text:
            raise SoapError("it gave no address to pull from")
        handed = reference.find("ReferenceParameters", *ADDRESSINGS)
        headers = tuple(written(child) for child in handed.children) if handed is not None else ()
        log.info("events of %s are pulled; its clock is %+.1f s from ours", self._code, self.ahead.total_seconds())
        return Subscription(url=ours(address.text, self._url), headers=headers, until=self._until(root))

    def _until(self, root: Element) -> float:
        """The monotonic moment at which the subscription ends, by the camera's own clock."""
        times = {
            name: moment_of(found.text)
            for name in ("CurrentTime", "TerminationTime")
            if (found := next(root.every(name, EVENTS, NOTIFICATION), None)) is not None
        }
        current, end = times.get("CurrentTime"), times.get("TerminationTime")
        if current is not None:
            self._soap.heard(current)
        lasts = (end - current).total_seconds() if current is not None and end is not None else self._pace.lease_s
        return asyncio.get_running_loop().time() + max(lasts, 0.0)

    async def _pull(self, subscription: Subscription, take: Take) -> Subscription:
        loop = asyncio.get_running_loop()
        left = subscription.until - loop.time()
        if self._renews and left < self._pace.lease_s / 2:
            subscription = await self._renew(subscription)
        wait = f"<Timeout>PT{self._pace.poll_s:.0f}S</Timeout><MessageLimit>100</MessageLimit>"
        body = f'<PullMessages xmlns="{EVENTS}">{wait}</PullMessages>'
        begun = loop.time()
        asked = await self._soap.ask(
            subscription.url, body, _PULL, subscription.headers, within_s=self._pace.poll_s + self._pace.answer_s
        )
        until, root = self._until(asked.root), asked.root
        if next(root.every("NotificationMessage", NOTIFICATION), None) is not None:
            await take(asked.payload, self.ahead)
        elif loop.time() - begun < self._pace.empty_s:
            await self._sleep(self._pace.empty_s)
        return msgspec.structs.replace(subscription, until=max(until, subscription.until))

    async def _renew(self, subscription: Subscription) -> Subscription:
        """Renew; a camera that cannot lengthens the subscription with each pull, or we subscribe anew."""
        body = f'<Renew xmlns="{NOTIFICATION}"><TerminationTime>PT{self._pace.lease_s:.0f}S</TerminationTime></Renew>'
        try:
            root = await self._ask(subscription.url, body, _RENEW, subscription.headers)
        except SoapError as error:
            if error.refused:
                raise
            log.info("camera %s renews no subscription (%s)", self._code, error)
            self._renews = False
            return subscription
        return msgspec.structs.replace(subscription, until=self._until(root))

    async def _leave(self, subscription: Subscription) -> None:
        body = f'<Unsubscribe xmlns="{NOTIFICATION}"/>'
        try:
            async with asyncio.timeout(self._pace.farewell_s):
                await self._ask(subscription.url, body, _UNSUBSCRIBE, subscription.headers)
        except (SoapError, XmlError, OSError):
            log.info("camera %s was not told that nobody pulls any more", self._code)

    async def _ask(
        self, url: str, body: str, action: str, headers: Sequence[str] = (), *, proof: bool = True
    ) -> Element:
        asked = await self._soap.ask(url, body, action, headers, proof=proof, within_s=self._pace.answer_s)
        return asked.root
