"""What the inbox of people in the field is told."""

import datetime as dt

import msgspec

from ioc.store.inbox import Entry


class Me(msgspec.Struct, frozen=True, kw_only=True):
    """Who reads it, in which zone the centre writes times, and until when the session holds at the most; None: until
    it is taken back."""

    user: str
    name: str
    role: str
    centre: str | None
    language: str
    timezone: str
    until: dt.datetime | None


class Inbox(msgspec.Struct, frozen=True, kw_only=True):
    """The first tickets of `total`, the worst first, then the most urgent."""

    me: Me
    total: int
    tickets: list[Entry]
