"""How a message goes from channel to channel until somebody has it: a machine without I/O.

The page has every message before any channel, because it shows the notifications themselves; that counts as told only
for what is not serious, or once the person has read it there. Then the channels of the person's own order are tried,
each as often as `Patience` says. What is serious (`severe` and worse) waits at each for a receipt, or to be read, and
goes on when none comes. A message ends told, or as a dead letter when no channel took it.
"""

import datetime as dt
from typing import Literal

import msgspec

from ioc.incidents.severity import rank
from ioc.tell.channel import Accepted, Again, Outcome, Refused, Told

PAGE = "page"
"""The channel that is always there."""

SERIOUS = rank("severe")

State = Literal["due", "waiting", "told", "dead"]
Said = Literal["delivered", "read", "failed"]

NOT_READ = "nobody read it in the page in time, and no channel is left"
UNCONFIRMED = "taken, but nobody confirmed it in time"


class Hop(msgspec.Struct, frozen=True):
    """A channel and the address there."""

    channel: str
    address: str


class Patience(msgspec.Struct, frozen=True, kw_only=True):
    """How long is tried. Waits are seconds: the first, each later one `factor` times as long, at most `longest_s`,
    each drawn between half of that and all of it. `tries` are those of a channel behind which another one is left,
    `serious_tries` the same for what is serious, `last_tries` those of the last one. `receipt` is how long what is
    serious waits for a receipt or a reader."""

    first_s: float = 5.0
    factor: float = 3.0
    longest_s: float = 900.0
    tries: int = 5
    serious_tries: int = 3
    last_tries: int = 20
    receipt: dt.timedelta = dt.timedelta(minutes=10)

    def wait(self, tries: int, chance: float) -> dt.timedelta:
        """How long after so many failed tries (1, 2, ...); `chance` is in [0, 1)."""
        whole = min(self.longest_s, self.first_s * self.factor ** min(tries - 1, 40))
        return dt.timedelta(seconds=whole * (0.5 + chance / 2))


LONGEST_REST = dt.timedelta(hours=1)
"""The longest rest that a receiver may ask for."""


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How far a message is.

    `due`: it is sent at `due_at` by `route[place]`, where `tries` failed before. `waiting`: for a receipt or a reader,
    until `due_at`. `taken_by` is the channel that took it last, `told_by` the one by which it is told (`page`: it was
    read there), `reason` the last trouble in words.
    """

    severity: str
    route: tuple[Hop, ...] = ()
    place: int = 0
    tries: int = 0
    taken_by: str = ""
    state: State = "due"
    due_at: dt.datetime | None = None
    told_by: str = ""
    reason: str = ""

    @property
    def hop(self) -> Hop | None:
        """Where it has come to; None behind the last one."""
        return self.route[self.place] if self.place < len(self.route) else None

    @property
    def serious(self) -> bool:
        """Whether a person has to have it, and not a machine only."""
        return rank(self.severity) >= SERIOUS

    @property
    def ended(self) -> bool:
        """Whether nothing more is done by itself."""
        return self.state in ("told", "dead")


def begun(severity: str, route: tuple[Hop, ...], now: dt.datetime, patience: Patience) -> Standing:
    """A new message; the page has it already."""
    new = Standing(severity=severity, route=route, due_at=now)
    if route:
        return new
    return _waiting(new, now, patience) if new.serious else _told(new, PAGE)


def anew(severity: str, now: dt.datetime) -> Standing:
    """A message for which channels are to be found again."""
    return Standing(severity=severity, due_at=now)


def refused(severity: str, reason: str) -> Standing:
    """A message for somebody whom nothing can reach."""
    return Standing(severity=severity, state="dead", reason=reason)


def after(standing: Standing, outcome: Outcome, now: dt.datetime, chance: float, patience: Patience) -> Standing:
    """How it stands after a sending at `standing.hop`; `chance` is in [0, 1)."""
    hop = standing.hop
    if hop is None or standing.state != "due":
        return standing
    match outcome:
        case Told():
            return _told(standing, hop.channel)
        case Accepted():
            taken = msgspec.structs.replace(standing, taken_by=hop.channel, tries=0, reason="")
            return _waiting(taken, now, patience) if standing.serious else _told(taken, hop.channel)
        case Again(reason=reason, retry_after=rest):
            return _again(standing, reason, rest, now, chance, patience)
        case Refused(reason=reason):
            return _onward(standing, f"{hop.channel}: {reason}", now)


def _again(
    standing: Standing, reason: str, rest: dt.timedelta | None, now: dt.datetime, chance: float, patience: Patience
) -> Standing:
    tries, last = standing.tries + 1, standing.place + 1 >= len(standing.route)
    most = patience.last_tries if last else patience.serious_tries if standing.serious else patience.tries
    why = f"{standing.route[standing.place].channel}: {reason}"
    if tries >= most:
        return _onward(standing, why, now)
    wait = max(patience.wait(tries, chance), min(rest or dt.timedelta(0), LONGEST_REST))
    return msgspec.structs.replace(standing, tries=tries, reason=why, due_at=now + wait)


def unconfirmed(standing: Standing, now: dt.datetime) -> Standing:
    """No receipt came in time, and nobody read it."""
    if standing.state != "waiting" or standing.due_at is None or standing.due_at > now:
        return standing
    return _onward(standing, UNCONFIRMED if standing.taken_by else NOT_READ, now)


def receipt(standing: Standing, channel: str, said: Said, now: dt.datetime) -> Standing:
    """A receiver says what became of what a channel took.

    What had been counted as told because the channel took it, and then failed, goes on to the next channel.
    """
    if said != "failed":
        return standing if standing.state == "told" else _told(standing, channel)
    if standing.taken_by != channel or standing.told_by not in ("", channel):
        return standing
    failed = msgspec.structs.replace(standing, taken_by="", told_by="")
    why = f"{channel}: the receiver said later that it failed"
    if standing.state == "due":  # a later channel is being tried already
        return failed
    return _onward(failed, why, now) if standing.hop is not None else _dead(failed, why)


def read(standing: Standing) -> Standing:
    """The person has read all of it in the page: whatever was to come is not needed, and a dead letter is none."""
    return standing if standing.state == "told" else _told(standing, PAGE)


def _told(standing: Standing, by: str) -> Standing:
    return msgspec.structs.replace(standing, state="told", told_by=by, due_at=None)


def _dead(standing: Standing, why: str) -> Standing:
    return msgspec.structs.replace(standing, state="dead", due_at=None, reason=why)


def _waiting(standing: Standing, now: dt.datetime, patience: Patience) -> Standing:
    return msgspec.structs.replace(standing, state="waiting", due_at=now + patience.receipt)


def _onward(standing: Standing, why: str, now: dt.datetime) -> Standing:
    """To the next channel; behind the last one it is told by the one that took it, else a dead letter."""
    moved = msgspec.structs.replace(standing, place=min(standing.place + 1, len(standing.route)), tries=0, reason=why)
    if moved.hop is not None:
        return msgspec.structs.replace(moved, state="due", due_at=now)
    return _told(moved, moved.taken_by) if moved.taken_by else _dead(moved, why)
