"""Web push to all browsers of a person that agreed to it (RFC 8030); a browser that is gone is forgotten."""

import asyncio
import datetime as dt
import hashlib
from collections.abc import Awaitable, Callable, Sequence

import msgspec

from ioc.outbound import Outbound, OutboundError
from ioc.tell.answered import failed, outcome_of
from ioc.tell.channel import Accepted, Again, Message, Outcome, Refused, Told
from ioc.tell.push import LARGEST, PushError, Subscription, Vapid, encrypted, host_of, text_of

WITHIN_S = 20.0
"""Seconds (monotonic) for one request to a push service."""

TTL_S = 6 * 3600
"""Seconds for which a push service keeps a message for a browser that is away (RFC 8030, 5.2)."""

_GONE = frozenset({404, 410})
"""A subscription that is no more (RFC 8030, 7.3)."""

Subscribed = Callable[[str], Awaitable[Sequence[Subscription]]]
"""The subscriptions of a login."""

Forget = Callable[[Subscription], Awaitable[None]]


class Push:
    """Sends messages to a person's browsers; the address is the login. `hosts` are the push services that may be
    called: whoever subscribes names one, and must not have us call anything else."""

    def __init__(
        self, outbound: Outbound, vapid: Vapid, subscribed: Subscribed, forget: Forget,
        now: Callable[[], dt.datetime], *, hosts: Sequence[str],
    ) -> None:  # fmt: skip
        self._outbound = outbound
        self._vapid = vapid
        self._subscribed = subscribed
        self._forget = forget
        self._now = now
        self._hosts = hosts

    async def send(self, message: Message, address: str) -> Outcome:
        """As `Channel.send`. One browser that took it is enough; those that were away then are not tried again."""
        found = await self._subscribed(address)
        if not found:
            return Refused(reason="no browser of this person takes messages")
        async with asyncio.TaskGroup() as tasks:
            sent = [tasks.create_task(self._to(message, one), name="push") for one in found]
        outcomes = [one.result() for one in sent]
        for kind in (Accepted, Again):
            for outcome in outcomes:
                if isinstance(outcome, kind):
                    return outcome
        return outcomes[0]

    async def _to(self, message: Message, subscription: Subscription) -> Outcome:
        try:
            if not service_known(host_of(subscription.endpoint), self._hosts):
                return Refused(reason="the push service of this browser is not among IOC_PUSH_HOSTS")
            body = encrypted(payload(message), subscription)
        except PushError as error:
            return Refused(reason=str(error))
        now = self._now()
        headers = {
            "Authorization": self._vapid.authorization(subscription.endpoint, now.timestamp()),
            "Content-Encoding": "aes128gcm", "Content-Type": "application/octet-stream", "TTL": str(TTL_S),
            "Urgency": "high" if message.severity in ("severe", "extreme") else "normal",
            "Topic": text_of(hashlib.sha256(message.id.encode()).digest()[:24]),
        }  # fmt: skip
        try:
            answer = await self._outbound("POST", subscription.endpoint, headers=headers, body=body, within_s=WITHIN_S)
        except OutboundError as error:
            return failed(error)
        if answer.status in _GONE:
            await self._forget(subscription)
            return Refused(reason="this browser takes no messages any more; its subscription is removed")
        outcome = outcome_of(answer, now)
        return Accepted() if isinstance(outcome, Told) else outcome


def service_known(host: str, hosts: Sequence[str]) -> bool:
    """Whether a host is one of those, or lies under one that begins with a dot."""
    host = host.lower()
    return any(host == one or (one.startswith(".") and host.endswith(one)) for one in hosts)


def payload(message: Message) -> bytes:
    """What the service worker shows, in at most LARGEST bytes: a text that is longer loses its end."""
    text = message.text
    while True:
        told = {
            "id": message.id, "title": message.subject[:200], "body": text, "link": message.link[:500],
            "severity": message.severity, "thread": message.thread[:200], "at": message.created,
        }  # fmt: skip
        written = msgspec.json.encode(told)
        if len(written) <= LARGEST:
            return written
        text = text[: len(text) - max(1, (len(written) - LARGEST) // 8)]
