"""Short messages and Zalo by a gateway of one's own: any HTTP interface that a template can describe."""

import datetime as dt
from collections.abc import Awaitable, Callable

from ioc.outbound import Answer, Outbound, OutboundError
from ioc.tell.answered import failed, outcome_of, retry_after
from ioc.tell.channel import Accepted, Again, Message, Outcome, Refused, Told
from ioc.tell.endpoint import Endpoint
from ioc.tell.sms import fitted, unaccented
from ioc.tell.template import Good, Template, TemplateError, expanded, member, values_of

WITHIN_S = 20.0
"""Seconds (monotonic) for one request."""

LARGEST_ANSWER = 64 * 1024

Current = Callable[[], Awaitable[Endpoint | None]]
"""The gateway as it is set now, None when there is none that is enabled."""


class Gateway:
    """Asks one gateway; the address is a telephone number as +84901234567. `links` is the public address of paths."""

    def __init__(
        self, outbound: Outbound, current: Current, now: Callable[[], dt.datetime], *, links: str = ""
    ) -> None:
        self._outbound = outbound
        self._current = current
        self._now = now
        self._links = links

    async def send(self, message: Message, address: str) -> Outcome:
        """As `Channel.send`; the address is a telephone number."""
        gateway = await self._current()
        if gateway is None or gateway.template is None:
            return Again(reason="no gateway is set up for this channel, or it is switched off")
        return await asked(self._outbound, gateway, gateway.template, message, address, self._links, self._now())


async def asked(
    outbound: Outbound,
    gateway: Endpoint,
    template: Template,
    message: Message,
    phone: str,
    links: str,
    now: dt.datetime,
) -> Outcome:
    """Ask a gateway for one message."""
    receipt = links + message.receipt if links and message.receipt else ""
    try:
        values = values_of(phone, said(message, template, links), message.id, receipt, gateway.secret)
        request = expanded(template, values)
        answer = await outbound(
            request.method, request.url, headers=request.headers, body=request.body, most_bytes=LARGEST_ANSWER,
            within_s=WITHIN_S,
        )  # fmt: skip
    except TemplateError as error:
        return Refused(reason=str(error))
    except OutboundError as error:
        return failed(error)
    return judged(answer, template.good, now)


def said(message: Message, template: Template, links: str) -> str:
    """The text that goes into so many segments: its link last and whole, so that it can be opened."""
    text = " ".join(message.text.split())
    link = links + message.link if links else ""
    return fitted(text if template.accents else unaccented(text), template.segments, link)


def judged(answer: Answer, good: Good, now: dt.datetime) -> Outcome:
    """What the gateway's answer means, by its status and a member of its body. A gateway only ever takes a message on:
    whether it arrives, a receipt may say."""
    if answer.status not in good.statuses:
        outcome = outcome_of(answer, now)
        return Refused(reason=f"the gateway answered {answer.status}") if isinstance(outcome, Told) else outcome
    if good.member:
        found = member(answer.body, good.member)
        if found in good.again:
            return Again(reason=f"the gateway answered {shown(found)}", retry_after=retry_after(answer, now))
        if found not in good.equals:
            return Refused(reason=f"the gateway answered {shown(found)} for {good.member}")
    return Accepted()


def shown(found: str | None) -> str:
    """A gateway's word as it may stand in a log: short, and in one line."""
    plain = "".join(sign if sign.isprintable() else " " for sign in found or "nothing")
    return plain[:40]
