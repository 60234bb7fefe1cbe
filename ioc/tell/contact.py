"""Where a person can be reached: channels in their order of fallback, and when the person wants to be left alone."""

from typing import Annotated, Literal

import msgspec

from ioc.incidents.severity import rank
from ioc.tell.order import Hop
from ioc.tell.quiet import Quiet

Kind = Literal["mail", "sms", "zalo", "push"]
"""Channels of persons; units' endpoints are told by `ENDPOINT`."""

ENDPOINT = "webhook"
"""The channel of recipients `@CODE`, whose address is the code."""

Severity = Literal["minor", "moderate", "severe", "extreme"]


class Way(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A channel with the address there, used for what is at least this bad. A push goes to the person's own browsers,
    so its address is the login and is not asked for."""

    channel: Kind
    address: Annotated[str, msgspec.Meta(max_length=320)] = ""
    least: Severity = "minor"


class Contact(msgspec.Struct, frozen=True, kw_only=True):
    """How one recipient is told. `reachable` False: there is no such account any more."""

    recipient: str
    language: str = "vi"
    ways: tuple[Way, ...] = ()
    quiet: Quiet | None = None
    reachable: bool = True

    def route(self, severity: str) -> tuple[Hop, ...]:
        """The channels for something of a severity, in their order."""
        if self.recipient.startswith("@"):
            return (Hop(ENDPOINT, self.recipient[1:]),)
        fit = [way for way in self.ways if rank(severity) >= rank(way.least)]
        return tuple(Hop(way.channel, way.address or self.recipient) for way in fit)


def masked(channel: str, address: str) -> str:
    """An address as it is shown in the log: enough to be told apart, not enough to be used."""
    if channel == "mail" and "@" in address:
        name, _, domain = address.rpartition("@")
        return f"{name[:1]}…@{domain}"
    if channel in ("sms", "zalo"):
        return f"{address[:3]}…{address[-3:]}" if len(address) > 8 else "…"
    return address
