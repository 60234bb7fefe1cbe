"""Who may open a stream, and when: no camera is hammered with a password that it refused. No I/O, no clock.

Cameras and recorders lock an account after a few wrong passwords, often for all their channels at once. So what is
counted is the account (host and user), whatever channel, port or password is tried. Until one stream of it is open,
one camera at a time tries (all do while there is neither user nor password). A password that was refused is tried
again after REFUSED_S, by one camera alone. And an account is refused PER_HOUR times an hour at the most, even when
its password is changed again and again.
"""

import collections
import datetime as dt
import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from cameras.camera import Address

HOUR_S = 3600.0
PER_HOUR = 11
REFUSED_S = 330.0
"""Between two tries of a password that was refused, lengthened by up to a tenth."""
TRIAL_S = 5.0
"""After so long without an answer the next may try: a wrong password is refused at once, a dead channel is mute."""


def account_of(address: Address) -> str:
    """What a lock-out would hit: a digest of host and user, which says nothing of either."""
    user = address.account.partition(":")[0]
    return hashlib.blake2b(f"{address.host}\0{user}".encode(), digest_size=16).hexdigest()


class Refusals(Protocol):
    """Keeps when accounts were refused, so that a restart is no fresh start."""

    def load(self) -> Mapping[str, Sequence[dt.datetime]]:
        """What was saved last; nothing when it cannot be read."""

    def save(self, refusals: Mapping[str, Sequence[dt.datetime]]) -> None:
        """Keep these instead. Must not raise."""


class _Account:
    """One user of one host. Times are monotonic seconds."""

    def __init__(self) -> None:
        self.inside: set[str] = set()
        self.trial: tuple[str, float] | None = None
        self.waiting: dict[str, Address] = {}
        self.refusals: collections.deque[float] = collections.deque()
        self.refused: str | None = None
        """The password that was refused last; None when nobody knows it any more."""
        self.free_at = 0.0


class Door:
    """Lets cameras in by `ask`, `entered`, `left`; `due` says who may go. `jitter` gives a number in 0..1."""

    def __init__(self, jitter: Callable[[], float]) -> None:
        self._jitter = jitter
        self._accounts: dict[str, _Account] = {}
        self.refused: collections.Counter[str] = collections.Counter()
        """How often each camera was refused."""

    def remember(self, past: Mapping[str, Sequence[float]]) -> None:
        """Take over when accounts were refused before this began; of the last refusal the password is not known."""
        for name, refusals in past.items():
            account = self._of(name)
            account.refusals.extend(sorted(refusals))
            if refusals:
                account.free_at = max(refusals) + REFUSED_S

    def past(self, at: float) -> dict[str, list[float]]:
        """When each account was refused in the last hour."""
        found = {name: self._last_hour(account, at) for name, account in self._accounts.items()}
        return {name: list(refusals) for name, refusals in found.items() if refusals}

    def ask(self, code: str, address: Address, at: float) -> bool:
        """A camera wants to open its stream; again is harmless. Whether it has to wait because of a refusal."""
        account = self._of(account_of(address))
        if account.trial is None or account.trial[0] != code:
            account.waiting[code] = address
        changed = account.refused is not None and address.account != account.refused
        return at < account.free_at and not changed and not account.inside

    def due(self, at: float) -> list[str]:
        """Who may go now; each is told once."""
        going: list[str] = []
        for account in self._accounts.values():
            if account.trial is not None and at - account.trial[1] >= TRIAL_S:
                account.trial = None
            if account.inside or (not account.refusals and not any(one.account for one in account.waiting.values())):
                going += account.waiting
                account.waiting.clear()
            elif account.waiting and account.trial is None:
                code = self._first(account, at)
                if code is not None:
                    del account.waiting[code]
                    account.trial = (code, at)
                    going.append(code)
        return going

    def entered(self, code: str, address: Address) -> None:
        """A stream is open, so the password is right."""
        account = self._of(account_of(address))
        account.inside.add(code)
        account.trial, account.refused, account.free_at = None, None, 0.0

    def left(self, code: str, address: Address) -> None:
        """A stream is closed, or could not be opened for another reason than its password."""
        account = self._of(account_of(address))
        account.inside.discard(code)
        account.waiting.pop(code, None)
        if account.trial is not None and account.trial[0] == code:
            account.trial = None

    def turned_away(self, code: str, address: Address, at: float) -> list[str]:
        """The user or password was refused; who waits with the same one, and need not try to know."""
        account = self._of(account_of(address))
        self.left(code, address)
        self.refused[code] += 1
        account.refusals.append(at)
        account.refused = address.account
        account.free_at = at + REFUSED_S * (1.0 + 0.1 * self._jitter())
        return [other for other, one in account.waiting.items() if one.account == address.account]

    def _first(self, account: _Account, at: float) -> str | None:
        """Who of those that wait may try: one with another password at once, else when the time has come."""
        if len(self._last_hour(account, at)) >= PER_HOUR:
            return None
        for code, address in account.waiting.items():
            changed = account.refused is not None and address.account != account.refused
            if changed or at >= account.free_at:
                return code
        return None

    def _last_hour(self, account: _Account, at: float) -> collections.deque[float]:
        while account.refusals and at - account.refusals[0] >= HOUR_S:
            account.refusals.popleft()
        return account.refusals

    def _of(self, name: str) -> _Account:
        return self._accounts.setdefault(name, _Account())


def seconds_of(times: Mapping[str, Sequence[dt.datetime]], now: dt.datetime, at: float) -> dict[str, list[float]]:
    """Times of the clock as monotonic seconds; `now` is `at`. One of the future is taken for now."""
    return {key: [at - max(0.0, (now - one).total_seconds()) for one in ones] for key, ones in times.items()}


def as_times(times: Mapping[str, Sequence[float]], now: dt.datetime, at: float) -> dict[str, list[dt.datetime]]:
    """Monotonic seconds as times of the clock; `at` is `now`."""
    return {key: [now - dt.timedelta(seconds=at - one) for one in ones] for key, ones in times.items()}
