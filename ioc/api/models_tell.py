"""What the routes about telling people take and answer: notifications, contacts, messages, receipts."""

import datetime as dt
import uuid
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from ioc.tell.contact import Way
from ioc.tell.notification import Topic

Severity = Literal["minor", "moderate", "severe", "extreme"]
State = Literal["waiting", "told", "dead"]
Clock = Annotated[str, Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", description="hh:mm, local time of the centre")]
Number = Annotated[str, Meta(pattern=r"^[0-9]{1,18}$")]


class NotificationOf(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that somebody is told. `thread` is the same for all that is about the same thing; `link` is a path of
    this server, empty when there is none. `read_at` null: it is not read."""

    id: str
    topic: Topic
    thread: str
    severity: Severity
    title: str
    title_en: str
    body: str
    body_en: str
    link: str
    ticket: uuid.UUID | None
    incident: uuid.UUID | None
    at: dt.datetime
    read_at: dt.datetime | None


class NotificationsOf(msgspec.Struct, frozen=True, kw_only=True):
    """One's own, newest first. `unread` counts all that are not read. `mark` changes whenever there is news: whoever
    gives it back as `mark` with `wait` seconds is answered as soon as it has changed, at the latest after those.
    `next` is the `before` of the next page, null on the last."""

    notifications: list[NotificationOf]
    unread: int
    mark: str
    next: str | None


class Read(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was read: all up to the one with the id `through`, and those of `ids`."""

    through: Number | None = None
    ids: Annotated[list[Number], Meta(max_length=1_000)] = []


class ReadOf(msgspec.Struct, frozen=True, kw_only=True):
    """How many of it were not read before, and how many are not read now."""

    read: int
    unread: int


class ContactsOf(msgspec.Struct, frozen=True, kw_only=True):
    """Where a person can be reached, in the order in which it is tried; the page always comes first. In quiet hours
    (local time, over midnight when `quiet_until` is earlier) only what is extreme is sent. `version` 0: nothing was
    ever entered."""

    login: str
    channels: list[Way]
    quiet_from: Clock | None
    quiet_until: Clock | None
    version: int
    changed_by: str
    changed_at: dt.datetime | None


class NewContacts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Contacts in place of those of `expected_version`. An address is a mailbox, a telephone number as +84905000111,
    or for `push` empty."""

    expected_version: Annotated[int, Meta(ge=0, le=2**31 - 1)]
    channels: Annotated[list[Way], Meta(max_length=10)]
    quiet_from: Clock | None = None
    quiet_until: Clock | None = None


class MessageOf(msgspec.Struct, frozen=True, kw_only=True):
    """A message: what one recipient (a login, or `@` and an endpoint's code) was told at once.

    `title` is the worst thing of it that the reader may see, `items` their number. `channel` is where it has come to,
    `told_by` what it was told by (`page`: it was read there, or had no other channel), `reason` the last trouble.
    `round` counts from one, and one more each time a person has it sent again; `repeats`: it says again what was told
    before, because that is still open. `due_at` is when it goes on."""

    id: uuid.UUID
    recipient: str
    name: str
    language: str
    severity: Severity
    state: State
    title: str
    title_en: str
    items: int
    channel: str
    tries: int
    round: int
    repeats: bool
    told_by: str
    reason: str
    created_at: dt.datetime
    due_at: dt.datetime | None
    ended_at: dt.datetime | None


class MessagesOf(msgspec.Struct, frozen=True, kw_only=True):
    """Messages, newest first; `next` is the `before` of the next page, null on the last. `dead` counts all dead
    letters that the reader may see."""

    messages: list[MessageOf]
    dead: int
    next: uuid.UUID | None


class DeliveryOf(msgspec.Struct, frozen=True, kw_only=True):
    """One sending. `address` is shown in part. `outcome` empty: it is under way; `unknown`: the centre was stopped
    meanwhile. `receipt` is what the receiver said later, empty: nothing."""

    round: int
    channel: str
    address: str
    begun_at: dt.datetime
    ended_at: dt.datetime | None
    outcome: Literal["", "told", "accepted", "again", "refused", "unknown"]
    reason: str
    reference: str
    receipt: Literal["", "delivered", "read", "failed"]
    receipt_at: dt.datetime | None


class WholeMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message, what it tells of what the reader may see (at most 200 things), and each sending of it."""

    message: MessageOf
    items: list[NotificationOf]
    deliveries: list[DeliveryOf]


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a sending; other members are passed over."""

    status: Literal["delivered", "read", "failed"]


def of(model: type[Any], kept: Any, **more: Any) -> Any:
    """An answer of a kept thing's members of the same names."""
    names = [name for name in model.__struct_fields__ if name not in more]
    return model(**{name: getattr(kept, name) for name in names}, **more)
