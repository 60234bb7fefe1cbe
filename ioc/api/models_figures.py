"""What the routes about the figures of units answer."""

import datetime as dt
import uuid
from typing import Literal

import msgspec

from ioc.tickets.figures import MARKS

Figure = Literal[
    "received", "accepted", "accepted_on_time", "accepted_late", "done", "on_time", "overdue", "bounced", "cancelled",
    "reopened", "open",
]  # fmt: skip
"""The figures that have tickets behind them."""

if set(Figure.__args__) != set(MARKS):  # type: ignore[attr-defined]
    raise RuntimeError("the figures of the API are not those of ioc/tickets/figures.py")


class TimesOf(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds that a phase took: of how many tickets, the median, and the 90th percentile; null where there is none."""

    number: int
    p50_s: float | None
    p90_s: float | None


class UnitFigures(msgspec.Struct, frozen=True, kw_only=True):
    """Figures of tickets that were received in the span (`ioc/tickets/figures.py` says what each means).

    Phases: `to_accept` from receipt to acceptance, `to_done` from there to the report that it is done, `to_verify` from
    there to its verification, `to_end` from receipt until it was closed. `key` is the unit, category or severity.
    """

    key: str
    name: str
    name_en: str
    received: int
    accepted: int
    accepted_on_time: int
    accepted_late: int
    done: int
    on_time: int
    overdue: int
    bounced: int
    cancelled: int
    reopened: int
    open: int
    to_accept: TimesOf
    to_done: TimesOf
    to_verify: TimesOf
    to_end: TimesOf


class FiguresOf(msgspec.Struct, frozen=True, kw_only=True):
    """Figures from `since` on and before `until`, as things stood `as_of`; `total` is of all `rows`."""

    since: dt.datetime
    until: dt.datetime
    as_of: dt.datetime
    by: Literal["unit", "category", "severity"]
    total: UnitFigures
    rows: list[UnitFigures]


class BehindOf(msgspec.Struct, frozen=True, kw_only=True):
    """A ticket behind a figure; `number`, `title` and `state` are null where it is with another centre by now."""

    id: uuid.UUID
    number: int | None
    title: str | None
    title_en: str | None
    state: str | None
    unit: str
    category: str
    severity: str
    received_at: dt.datetime
    accept_by: dt.datetime | None
    accepted_at: dt.datetime | None
    due_at: dt.datetime | None
    resolved_at: dt.datetime | None
    left_at: dt.datetime | None
    closed_at: dt.datetime | None


class AllBehind(msgspec.Struct, frozen=True, kw_only=True):
    """Tickets behind a figure in the order of their receipt; `next` is the `after` of the next page."""

    tickets: list[BehindOf]
    next: str | None
