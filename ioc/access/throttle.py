"""Slows down guessing without locking anybody out: delays that grow, in bounded memory, without an own clock.

Every try is counted before its password is looked at, so that a thousand at once count as a thousand; a try
that succeeds is given back. Times are monotonic, in seconds.
"""

import ipaddress
from collections import OrderedDict
from typing import Literal

import msgspec


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """`free` tries at once; after them each waits twice as long as the one before, from `first` to `longest`
    seconds. Tries are forgotten after `quiet` seconds without one."""

    free: int
    first: float = 1.0
    longest: float = 900.0
    quiet: float = 86_400.0


class Throttle:
    """Counts tries a key. The key that was tried longest ago is forgotten when there are too many."""

    def __init__(self, pace: Pace, *, keys: int = 50_000) -> None:
        self._pace = pace
        self._keys = keys
        self._seen: OrderedDict[str, tuple[int, float, float]] = OrderedDict()

    def _state(self, key: str, at: float) -> tuple[int, float]:
        count, until, last = self._seen.get(key, (0, at, at))
        return (0, at) if at - last > self._pace.quiet else (count, until)

    def wait(self, key: str, at: float) -> float:
        """Seconds until the key may try again; 0 when it may now."""
        return max(0.0, self._state(key, at)[1] - at)

    def count(self, key: str, at: float) -> None:
        """Count one try, before it is known how it ends."""
        tries = self._state(key, at)[0] + 1
        over = tries - self._pace.free
        delay = 0.0 if over < 0 else min(self._pace.first * 2.0 ** min(over, 60), self._pace.longest)
        self._seen[key] = (tries, at + delay, at)
        self._seen.move_to_end(key)
        while len(self._seen) > self._keys:
            self._seen.popitem(last=False)

    def give_back(self, key: str) -> None:
        """Take one try back: it was none. A delay that others caused stays."""
        if key not in self._seen:
            return
        count, until, last = self._seen[key]
        if count <= self._pace.free:
            until = last
        self._seen[key] = (max(0, count - 1), until, last)

    def forget(self, key: str) -> None:
        """Forget the tries of a key that has proved itself."""
        self._seen.pop(key, None)


def network(address: str) -> str:
    """What counts as one address: an IPv4 address, or the /64 that one IPv6 subscriber has."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if found.version == 6:
        mapped = found.ipv4_mapped
        return str(mapped or ipaddress.ip_network((found, 64), strict=False))
    return str(found)


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody at the door. `known` tells how the account knows them: `browser` (it shows the mark of an earlier
    sign-in, named by `mark`), `address` (somebody signed in from there lately), or not at all."""

    login: str
    address: str
    known: Literal["browser", "address", "stranger"] = "stranger"
    mark: str = ""


class Gate:
    """Which tries may go on. Strangers share the account's and the address's patience; a known browser has its
    own, so that nobody else can use it up."""

    def __init__(self, *, keys: int = 50_000) -> None:
        self._own = Throttle(Pace(free=10, longest=300.0), keys=keys)
        self._pair = Throttle(Pace(free=5, first=2.0), keys=keys)
        self._address = Throttle(Pace(free=30, longest=300.0, quiet=3_600.0), keys=keys)
        self._account = Throttle(Pace(free=20, first=2.0), keys=keys)

    def _buckets(self, visit: Visit) -> list[tuple[Throttle, str]]:
        net = network(visit.address)
        pair = f"{net} {visit.login}"
        if visit.known == "browser":
            return [(self._own, f"browser {visit.mark}")]
        if visit.known == "address":
            return [(self._own, f"address {pair}")]
        return [(self._pair, pair), (self._address, net), (self._account, visit.login)]

    def enter(self, visit: Visit, at: float) -> float:
        """Seconds to wait, or 0: then the try is counted and may go on."""
        buckets = self._buckets(visit)
        wait = max(bucket.wait(key, at) for bucket, key in buckets)
        if wait == 0:
            for bucket, key in buckets:
                bucket.count(key, at)
        return wait

    def passed(self, visit: Visit) -> None:
        """The try proved who it is: its own count is forgotten, what it shares with others gets it back."""
        (own, key), *shared = self._buckets(visit)
        own.forget(key)
        for bucket, name in shared:
            bucket.give_back(name)

    def halfway(self, visit: Visit) -> None:
        """The password was right and the code is still to come: no try of the address."""
        for bucket, key in self._buckets(visit):
            if bucket is self._address:
                bucket.give_back(key)
