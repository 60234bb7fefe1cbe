"""One id for each thing that goes on: what a worker numbers, the warden names, and ends when its worker ends. No I/O.

A worker counts what goes on for each of its cameras, anew in each run. The first report of a number gets a UUIDv7 and
the time at which it began; all others of the same camera, run, kind and number have them too.
"""

import datetime as dt
from collections.abc import Callable

import msgspec

from gis.observation import Sighting

Name = tuple[str, str, str, int]
"""Camera, run, kind, number."""


class Lives:
    """What goes on now, as it was told last. `new_id` makes a UUIDv7."""

    def __init__(self, new_id: Callable[[], str]) -> None:
        self._new_id = new_id
        self._lives: dict[Name, Sighting] = {}

    def __len__(self) -> int:
        return len(self._lives)

    def told(self, seen: Sighting, number: int) -> Sighting:
        """A worker's report under the id and the beginning of its life; a moment gets an id of its own.

        A start always begins a life, because a camera that is watched anew counts anew.
        """
        if seen.phase == "moment":
            return msgspec.structs.replace(seen, id=self._new_id())
        name = (seen.stamp.source, seen.stamp.run, seen.kind, number)
        first = self._lives.get(name) if seen.phase != "start" else None
        if first is None:
            told = msgspec.structs.replace(seen, id=self._new_id(), since=seen.since or seen.stamp.at)
        else:
            told = msgspec.structs.replace(seen, id=first.id, since=first.since)
        if seen.phase == "end":
            self._lives.pop(name, None)
        else:
            self._lives[name] = told
        return told

    def ended(self, run: str, at: dt.datetime) -> list[Sighting]:
        """The ends of all that went on in a run that is over at a time (UTC): nobody will see it end.

        Each is numbered after the last that was told of it; with its time, its key is one that no report had.
        """
        over = {name: last for name, last in self._lives.items() if name[1] == run}
        for name in over:
            del self._lives[name]
        return [_end(last, at) for last in over.values()]


def _end(last: Sighting, at: dt.datetime) -> Sighting:
    stamp = last.stamp
    after = msgspec.structs.replace(stamp, at=max(at, stamp.at), sequence=(stamp.sequence or 0) + 1)
    return msgspec.structs.replace(last, stamp=after, phase="end", picture=None, count=None, share=None)
