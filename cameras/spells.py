"""What goes on for a while: a start, updates each few seconds, an end, all under one number. No I/O."""

from collections.abc import Hashable, Iterator

import msgspec

from cameras.zones import Event

UPDATE_S = 5.0
"""How often an update is told while it goes on, in seconds."""


class Spells:
    """The spells of one kind of one camera, by what tells them apart (a zone, a zone and a track)."""

    def __init__(self, numbers: Iterator[int]) -> None:
        self._numbers = numbers
        self._open: dict[Hashable, Event] = {}

    def __contains__(self, key: Hashable) -> bool:
        return key in self._open

    def go_on(self, key: Hashable, event: Event) -> list[Event]:
        """It goes on as `event` says (its number and phase are set here): a start, an update when it is due, or none.

        The start's `since` stands for all.
        """
        before = self._open.get(key)
        if before is None:
            told = msgspec.structs.replace(event, phase="start", number=next(self._numbers))
        elif event.at - before.at < UPDATE_S:
            return []
        else:
            told = msgspec.structs.replace(event, phase="update", number=before.number, since=before.since)
        self._open[key] = told
        return [told]

    def end(self, key: Hashable, at: float) -> list[Event]:
        """It is over since monotonic time `at` (s), or since what was told last; nothing when it never began."""
        last = self._open.pop(key, None)
        if last is None:
            return []
        return [msgspec.structs.replace(last, phase="end", at=max(at, last.at), count=None, share=None)]
