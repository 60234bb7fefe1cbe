"""Notifications for tests: each a thing of its own, unless it is said otherwise."""

import datetime as dt
import itertools
from typing import Any

from ioc.tell.notification import Notification

AT = dt.datetime(2026, 11, 26, 3, 0, tzinfo=dt.UTC)
"""Ten in the morning in Da Nang: no hour in which people want to be left alone."""

_numbers = itertools.count(1)


def notification(to: str = "lan", **about: Any) -> Notification:
    """A notification about a thing of the centre `quang-nam`."""
    number = next(_numbers)
    plain: dict[str, Any] = {
        "key": f"k{number}",
        "to": to,
        "topic": "ticket",
        "group": f"g{number}",
        "severity": "moderate",
        "title": f"Phiếu {number}",
        "title_en": f"Ticket {number}",
        "link": f"/inbox#{number}",
        "centre": "quang-nam",
        "area": "20335@2025-07-01",
        "at": AT,
    }
    return Notification(**plain | about)
