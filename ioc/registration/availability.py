"""How much of a month devices and cameras worked, how long repairs took, and which fail again and again.

A thing **serves** while its life cycle is active. Of that time it **works** unless it fails or nobody could know. The
share is working time over known time: availability as IEC 60050-192, 192-08-01 and -05 measure it, from operation and
not from a plan. The **time to repair** of a failure is from its beginning to its end (192-07-23, mean over failures);
it counts in the month in which it ended. What was over within a minute is a blip: its time counts, it is no failure.
"""

import calendar
import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec

What = Literal["serving", "failing", "unknown"]

BLIP = dt.timedelta(minutes=1)
OFFENDS = 3
"""So many failures in one month make a repeat offender."""


class Month(msgspec.Struct, frozen=True):
    """A month of the centre's zone, in UTC: `since` belongs to it, `until` does not. `now` is when it is asked for."""

    since: dt.datetime
    until: dt.datetime
    now: dt.datetime

    @property
    def end(self) -> dt.datetime:
        """Until when there is something to know."""
        return max(self.since, min(self.until, self.now))


class Working(msgspec.Struct, frozen=True, kw_only=True):
    """A span of time of one thing, at the centre that had it then; `ended` None: it lasts."""

    subject: str
    code: str
    centre: str
    what: What
    began: dt.datetime
    ended: dt.datetime | None
    state: str = ""
    reason: str = ""


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """Times in seconds. `share` is None when nothing is known; `repair_s` when nothing was repaired."""

    serving_s: float = 0.0
    unknown_s: float = 0.0
    failing_s: float = 0.0
    failures: int = 0
    repairs: int = 0
    repairing_s: float = 0.0

    @property
    def share(self) -> float | None:
        """Working time over known time, 0 to 1."""
        known = self.serving_s - self.unknown_s
        return max(0.0, 1 - self.failing_s / known) if known > 0 else None

    @property
    def repair_s(self) -> float | None:
        """The mean time to repair of what was repaired in the month."""
        return self.repairing_s / self.repairs if self.repairs else None

    @property
    def offends(self) -> bool:
        """Whether it failed so often that mending it once more is not enough."""
        return self.failures >= OFFENDS

    def __add__(self, other: "Figures") -> "Figures":
        mine, others = msgspec.structs.astuple(self), msgspec.structs.astuple(other)
        return Figures(**dict(zip(self.__struct_fields__, map(sum, zip(mine, others, strict=True)), strict=True)))


def month_of(text: str) -> tuple[dt.date, dt.date]:
    """The first day of a month YYYY-MM and the first of the next. Raises ValueError."""
    year, dash, month = text.partition("-")
    if not (dash and len(year) == 4 and len(month) == 2 and (year + month).isascii() and (year + month).isdigit()):
        raise ValueError(text)
    first = dt.date(int(year), int(month), 1)
    return first, first + dt.timedelta(days=calendar.monthrange(first.year, first.month)[1])


def figures(spans: Iterable[Working], month: Month) -> Figures:
    """The figures of one thing (or of all that one centre had) in a month, from its spans, which may reach beyond.

    Of one thing no two spans of the same `what` overlap.
    """
    of: dict[str, list[Working]] = {"serving": [], "failing": [], "unknown": []}
    for span in spans:
        of[span.what].append(span)
    failing = of["failing"]
    counted = [span for span in failing if _counts(span, month)]
    repaired = [span for span in counted if span.ended is not None and span.ended <= month.end]
    return Figures(
        serving_s=_within(of["serving"], month),
        unknown_s=_within(of["unknown"], month),
        failing_s=_within(failing, month),
        failures=len(counted),
        repairs=len(repaired),
        repairing_s=sum((_ended(span) - span.began).total_seconds() for span in repaired),
    )


def silent_since(spans: Sequence[Working]) -> Working | None:
    """The failure that lasts, if one does."""
    return next((span for span in spans if span.what == "failing" and span.ended is None), None)


def _counts(span: Working, month: Month) -> bool:
    ended = span.ended or month.now
    return ended - span.began >= BLIP and span.began < month.end and ended > month.since


def _within(spans: Iterable[Working], month: Month) -> float:
    return sum(
        max(0.0, (min(span.ended or month.end, month.end) - max(span.began, month.since)).total_seconds())
        for span in spans
    )


def _ended(span: Working) -> dt.datetime:
    return span.ended or span.began
