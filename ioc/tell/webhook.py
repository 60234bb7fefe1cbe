"""Webhooks: a message as a CloudEvent 1.0.2 in JSON (structured mode), signed as Standard Webhooks has it."""

import datetime as dt
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from ioc.outbound import Outbound, OutboundError
from ioc.tell import signing
from ioc.tell.answered import failed, outcome_of
from ioc.tell.channel import Message, Outcome, Refused
from ioc.tell.endpoint import Endpoint

MEDIA = "application/cloudevents+json; charset=utf-8"
"""CloudEvents, HTTP protocol binding 1.0.2, 3.2."""

WITHIN_S = 20.0
"""Seconds (monotonic) for one request, from the name to the last byte of the answer."""

LARGEST_ANSWER = 256 * 1024

Find = Callable[[str], Awaitable[Endpoint | None]]
"""The endpoint of a code that may be sent to, None when there is none."""


class Webhook:
    """Sends messages to endpoints; the address is the endpoint's code, so that its secret is nowhere else.

    `source` names this installation to receivers (a URI), `links` is the public address that paths are put behind.
    """

    def __init__(
        self, outbound: Outbound, find: Find, now: Callable[[], dt.datetime], *, source: str, links: str = ""
    ) -> None:
        self._outbound = outbound
        self._find = find
        self._now = now
        self._source = source
        self._links = links

    async def send(self, message: Message, address: str) -> Outcome:
        """As `Channel.send`; the address is the code of an endpoint."""
        endpoint = await self._find(address)
        if endpoint is None or endpoint.kind not in ("webhook", "channel"):
            return Refused(reason="there is no enabled webhook of this code")
        event = cloud_event(message, self._source, self._links)
        return await posted(self._outbound, endpoint, message.id, msgspec.json.encode(event), self._now())


async def posted(outbound: Outbound, endpoint: Endpoint, id: str, body: bytes, now: dt.datetime) -> Outcome:  # noqa: A002
    """Post a signed event in structured mode to an endpoint; `id` stays the same whenever it is sent again."""
    try:
        signed = signing.headers(id, int(now.timestamp()), body, endpoint.keys(now))
        headers = {"Content-Type": MEDIA, "User-Agent": "ioc-webhook/1", **signed}
        answer = await outbound(
            "POST", endpoint.address, headers=headers, body=body, most_bytes=LARGEST_ANSWER, within_s=WITHIN_S
        )
    except OutboundError as error:
        return failed(error)
    except ValueError:
        return Refused(reason="the secret of this endpoint cannot be used: give it another one")
    return outcome_of(answer, now)


def cloud_event(message: Message, source: str, links: str = "") -> dict[str, Any]:
    """A message as a CloudEvent; its id is the message's, so that one that comes again is known."""
    items = [
        {
            "topic": one.topic, "severity": one.severity, "title": one.title, "body": one.body,
            "link": links + one.link if one.link else "", "ticket": one.ticket, "incident": one.incident, "at": one.at,
        }
        for one in message.items
    ]  # fmt: skip
    return {
        "specversion": "1.0", "id": message.id, "source": source, "type": f"vn.ioc.message.{message.topic}.v1",
        "time": message.created, "datacontenttype": "application/json",
        **({"subject": message.thread} if message.thread else {}),
        "data": {
            "to": message.recipient, "language": message.language, "severity": message.severity,
            "subject": message.subject, "text": message.text, "link": links + message.link, "items": items,
            "more": message.more,
        },
    }  # fmt: skip
