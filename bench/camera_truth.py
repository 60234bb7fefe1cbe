"""What a clip truly shows (NAME.truth.json), read whole. What stands under `uncertain` is kept as not scored.

`uncertain` is a list at the top, in a line or in a zone. An entry with `from` and `to` takes a time out of the
scoring (of that line or zone; at the top of those that it names in `id`, else of all); one with `t` takes out one
crossing, within its `tolerance_s`; words alone are for people and take out nothing.
"""

from pathlib import Path
from typing import Any

import msgspec

from cameras.camera import Address, Camera, Line, Point, SceneKind, Zone

TOLERANCE_S = 0.5
"""How far a time may be off where the truth file does not say."""


class Crossing(msgspec.Struct):
    """Somebody crosses a line, in seconds from the first picture."""

    t: float
    direction: str
    tolerance_s: float = TOLERANCE_S


class Span(msgspec.Struct, rename={"begin": "from", "end": "to"}):
    """A time in seconds from the first picture."""

    begin: float
    end: float


class Doubt(msgspec.Struct, rename={"begin": "from", "end": "to"}):
    """What is not scored: a time, or one crossing."""

    begin: float | None = None
    end: float | None = None
    t: float | None = None
    tolerance_s: float = TOLERANCE_S
    id: str | None = None

    def covers(self, at: float) -> bool:
        """Whether a time is within what is not scored."""
        if self.t is not None:
            return abs(at - self.t) <= self.tolerance_s + TOLERANCE_S
        return self.begin is not None and self.end is not None and self.begin <= at <= self.end


class TrueLine(msgspec.Struct):
    """A line with all its crossings."""

    id: str
    p1: Point
    p2: Point
    directions: dict[str, Point] = {}
    crossings: list[Crossing] = []
    uncertain: list[Any] = []


class TrueZone(msgspec.Struct):
    """A zone with the times of its occupation and of halts in it; None where nobody watched for that."""

    id: str
    polygon: tuple[Point, ...]
    occupied: list[Span] | None = None
    stopped: list[Span] | None = None
    uncertain: list[Any] = []


class Truth(msgspec.Struct):
    """A truth file."""

    kind: SceneKind
    lines: list[TrueLine] = []
    zones: list[TrueZone] = []
    uncertain: list[Any] = []

    def doubts(self, of: TrueLine | TrueZone) -> list[Doubt]:
        """What is not scored of a line or zone."""
        everywhere = [doubt for doubt in _doubts(self.uncertain) if doubt.id in {None, of.id} and doubt.t is None]
        named = [doubt for doubt in _doubts(self.uncertain) if doubt.id == of.id and doubt.t is not None]
        return _doubts(of.uncertain) + everywhere + named

    def camera(self) -> Camera:
        """A camera with these lines and zones, and the shipped defaults of this kind of scene."""
        return Camera(
            code="clip",
            centre="bench",
            address=Address("rtsp://clip/"),
            scene=self.kind,
            lines=tuple(Line(id=x.id, p1=x.p1, p2=x.p2, directions=x.directions) for x in self.lines),
            zones=tuple(Zone(id=x.id, polygon=x.polygon) for x in self.zones),
        )


def truth_of(path: Path) -> Truth:
    """A truth file's content. Raises ValueError with its name when it is not one."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Truth)
    except msgspec.MsgspecError as error:
        raise ValueError(f"{path.name} is not a truth file of a clip: {error}") from None


def _doubts(entries: list[Any]) -> list[Doubt]:
    """The entries that say something to a program."""
    return [msgspec.convert(entry, Doubt) for entry in entries if isinstance(entry, dict)]
