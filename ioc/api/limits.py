"""How much a person, and an address without one, may ask for: budgets of requests, sizes, seconds."""

import asyncio
from collections import OrderedDict

import msgspec
from aiohttp import web

from ioc.api.surface import Cost

LARGEST_BODY = 64 * 1024
"""Bytes of a request's body."""

HEAVY_AT_ONCE = 3
"""Requests of more than LARGEST_BODY that are in memory at once; others wait, unread, within their deadline."""

LARGEST_FIELD = 8 * 1024
"""Bytes of one header field; the parser itself refuses a longer one before anything is asked."""

LARGEST_HEAD = 16 * 1024
"""Bytes of all header fields together."""

MOST_FIELDS = 64

LONGEST_PATH = 2_048
"""Characters of a path; the longest of ours has under 300."""

DEADLINE_S = 30.0
"""Seconds for an answer, reading the body included; streams have none."""

DEADLINE: web.RequestKey[asyncio.Timeout] = web.RequestKey("deadline", asyncio.Timeout)
"""The deadline of a request, which a long answer that watches its reader itself may put off."""


class Budget(msgspec.Struct, frozen=True):
    """Requests at once (`burst`) and a second (`rate`)."""

    burst: float
    rate: float


KEYS = 20_000
"""Keys that are remembered; the one that asked longest ago is forgotten first."""


class Buckets:
    """Token buckets by key, in bounded memory, without a clock of its own."""

    def __init__(self, keys: int = KEYS) -> None:
        self._keys = keys
        self._left: OrderedDict[tuple[str, str], tuple[float, float]] = OrderedDict()

    def take(self, kind: str, key: str, budget: Budget, at: float) -> float:
        """Take one token: 0 when there was one, else the seconds until there is. `at` is monotonic, in seconds."""
        place = (kind, key)
        kept = self._left.get(place)
        left = budget.burst
        if kept is not None:
            left = min(budget.burst, kept[0] + max(0.0, at - kept[1]) * budget.rate)
            self._left.move_to_end(place)
        elif len(self._left) >= self._keys:
            self._left.popitem(last=False)
        if left < 1.0:
            self._left[place] = (left, at)
            return (1.0 - left) / budget.rate
        self._left[place] = (left - 1.0, at)
        return 0.0

    def __len__(self) -> int:
        return len(self._left)


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """The budgets of a person by what is asked, and of an address that does not say who it is.

    Hundreds of walls may share one account, and may all start at once; sign-in has limits of its own beside these.
    """

    cheap: Budget = Budget(100_000, 10_000)
    read: Budget = Budget(6_000, 300)
    tile: Budget = Budget(40_000, 1_500)
    write: Budget = Budget(240, 10)
    address: Budget = Budget(600, 30)

    def of(self, cost: Cost) -> Budget:
        """A person's budget for what costs so much."""
        budget: Budget = getattr(self, cost)
        return budget
