"""What a channel has to do: carry one message to one address, and say what became of it."""

import datetime as dt
from typing import Protocol

import msgspec

from ioc.tell.notification import Topic


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One thing of a message, in its language. `link` is a path of this server, empty when there is nothing to open."""

    topic: Topic
    severity: str
    title: str
    body: str = ""
    link: str = ""
    ticket: str | None = None
    incident: str | None = None
    at: dt.datetime


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """What one person (`recipient`, a login) or one endpoint (`@CODE`) is told at once.

    `id` (a UUID) stays the same however often and by whichever channel the message is sent, and so does everything
    else but `receipt`: a receiver that was handed the same id before has been handed the same message. `subject` is one
    line, `text` the whole message in plain lines, ready to be read; `items` are its parts for channels that lay them
    out themselves, `more` counts those that found no room, and `link` is the path under which all of it is found.
    `thread` is the same for messages about the same thing. `severity` and `topic` are those of its worst item.
    `receipt` is the path (`/api/v1/receipts/...`) under which a gateway may say what became of this sending. `created`
    is UTC and stays the same.
    """

    id: str
    recipient: str
    language: str
    subject: str
    text: str
    items: tuple[Item, ...]
    more: int = 0
    link: str = "/"
    thread: str = ""
    severity: str
    topic: Topic
    receipt: str = ""
    created: dt.datetime


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """It is where it was to go. `reference` is what the receiver calls it, if it said so."""

    reference: str = ""


class Accepted(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody took it on, who may say later by a receipt what became of it (a mail server, a gateway)."""

    reference: str = ""


class Again(msgspec.Struct, frozen=True, kw_only=True):
    """Not now: trying again later may help, at the earliest after `retry_after` where the receiver said when.

    Also the answer when nobody knows whether it arrived: the next sending has the same id. `reason` is a sentence for
    whoever mends it, without secrets and without the address.
    """

    reason: str
    retry_after: dt.timedelta | None = None


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """Never by this channel to this address; `reason` as in Again."""

    reason: str


Outcome = Told | Accepted | Again | Refused


class Channel(Protocol):
    """Carries messages. Called many times at once, so it limits by itself what its receiver cannot bear."""

    async def send(self, message: Message, address: str) -> Outcome:
        """Hand a message over. Returns in its own good time, but always (the caller gives up after SEND_S), and says
        in the outcome what went wrong rather than raising it; cancelled, it lets go of what it holds."""


SEND_S = 60.0
"""Seconds (monotonic) after which a sending that did not return counts as Again."""
