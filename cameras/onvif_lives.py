"""What goes on at cameras that only say "it holds" and "it holds no more": a start and its end under one id.

A bounded memory and nothing else: what began, by camera and rule. Messages may come twice or out of order.
"""

import datetime as dt
from collections import OrderedDict
from collections.abc import Hashable

import msgspec

from cameras.foreign import life_id
from gis.observation import Phase

MOST = 20_000
"""Things that are remembered; the one that was silent longest goes first."""

Key = tuple[Hashable, ...]


class Life(msgspec.Struct, frozen=True, kw_only=True):
    """One step of a thing's life. `since` is None at an end of which nobody here saw the start."""

    id: str
    phase: Phase
    at: dt.datetime
    since: dt.datetime | None


class _Known(msgspec.Struct):
    """The newest life: when it began and ended, and when it was last said that nothing goes on."""

    since: dt.datetime | None = None
    id: str = ""
    ended: dt.datetime | None = None
    off: dt.datetime | None = None


class Lives:
    """The memory. One for each process that listens."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._known: OrderedDict[Key, _Known] = OrderedDict()

    def tell(self, key: Key, at: dt.datetime, *, holds: bool) -> list[Life]:
        """What a message that says whether something holds, at a time, means for its life.

        The same message again gives the same answer. A start that comes after its own end closes itself.
        """
        known = self._remember(key)
        return self._goes_on(key, known, at) if holds else self._ends(key, known, at)

    def goes_on(self, key: Key) -> bool:
        """Whether it began here and has not ended, as far as anybody said."""
        known = self._known.get(key)
        return known is not None and known.since is not None and known.ended is None

    def _goes_on(self, key: Key, known: _Known, at: dt.datetime) -> list[Life]:
        if known.since is not None and (known.ended is None or known.since <= at <= known.ended):
            phase: Phase = "start" if at == known.since else "update"
            return [Life(id=known.id, phase=phase, at=at, since=known.since)]
        name = life_id(at, *key)
        start = Life(id=name, phase="start", at=at, since=at)
        if known.off is not None and at <= known.off:  # it comes late, and what it began is over
            newest = known.since is None or at > known.since
            if newest:
                known.since, known.id, known.ended = at, name, known.off
            return [start, Life(id=name, phase="end", at=known.off if newest else at, since=at)]
        known.since, known.id, known.ended = at, name, None
        return [start]

    def _ends(self, key: Key, known: _Known, at: dt.datetime) -> list[Life]:
        known.off = max(known.off or at, at)
        if known.since is not None and known.since <= at and known.ended in (None, at):
            known.ended = at
            return [Life(id=known.id, phase="end", at=at, since=known.since)]
        if known.since is None and known.ended in (None, at):
            known.ended = at
            return [Life(id=life_id(at, "end", *key), phase="end", at=at, since=None)]
        return []

    def _remember(self, key: Key) -> _Known:
        known = self._known.setdefault(key, _Known())
        self._known.move_to_end(key)
        while len(self._known) > self._most:
            self._known.popitem(last=False)
        return known
