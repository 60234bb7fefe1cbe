"""How much of the installation a person or program may see: kinds of things, where, and how far back."""

import datetime as dt
from collections.abc import Iterable

import msgspec

from ioc.access.rights import KINDS


class Thing(msgspec.Struct, frozen=True):
    """What is asked about.

    `area` is a feature id; None for centre or area means that the thing belongs to none, and only who is not
    bound sees it. `camera` is the camera that it is, or that it came from; None: no camera. `at` is when it
    ended or was observed; None: it is open or current.
    """

    kind: str
    centre: str | None
    area: str | None
    camera: str | None = None
    at: dt.datetime | None = None


class Scope(msgspec.Struct, frozen=True):
    """What exists for somebody. None means all of it, an empty set means nothing.

    `writes` are the kinds that may be written; `areas` is a whole subtree, spelled out; `past` is how long a
    thing that ended is still seen (zero: only what is open or current).
    """

    centres: frozenset[str] | None
    kinds: frozenset[str] | None = None
    writes: frozenset[str] | None = None
    areas: frozenset[str] | None = None
    cameras: frozenset[str] | None = None
    past: dt.timedelta | None = None

    @property
    def text(self) -> str:
        """The centres in the form that row-level security reads."""
        return _text(self.centres)

    @property
    def settings(self) -> tuple[str, str, str, str, str, str]:
        """What row-level security reads: ioc.scope, ioc.kinds, ioc.writes, ioc.areas, ioc.cameras, ioc.past."""
        return (
            self.text,
            _ALL_KINDS if self.kinds is None else _text(self.kinds),
            _ALL_KINDS if self.writes is None else _text(self.writes),
            _text(self.areas),
            _text(self.cameras),
            "all" if self.past is None else f"{self.past.total_seconds()} s",
        )

    def sees(self, centre: str | None) -> bool:
        """Whether things of a centre are visible."""
        return self.centres is None or centre in self.centres

    def reaches(self, thing: Thing) -> bool:
        """Whether the thing would be visible if it were current."""
        return (
            self.sees(thing.centre)
            and (self.kinds is None or thing.kind in self.kinds)
            and (self.areas is None or thing.area in self.areas)
            and (self.cameras is None or thing.camera is None or thing.camera in self.cameras)
        )

    def holds(self, thing: Thing, now: dt.datetime) -> bool:
        """Whether the thing is visible at a moment; what row-level security decides of its row."""
        return self.reaches(thing) and (self.past is None or thing.at is None or thing.at >= now - self.past)


def _text(words: Iterable[str] | None) -> str:
    """A word that would mean everything, or be two, is left out."""
    return "*" if words is None else ",".join(sorted(word for word in words if word != "*" and "," not in word))


_ALL_KINDS = _text(KINDS)
"""Written out once: every statement binds it."""

EVERYTHING = Scope(None)
"""The scope of the service's own work: intake, desk, timers."""
