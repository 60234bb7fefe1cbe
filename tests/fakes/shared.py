"""The real clips with their truth files, which stand beside the repository and are not part of it."""

from pathlib import Path

import msgspec

ROOT = Path(__file__).parents[2]


def real_clips() -> Path | None:
    """The folder of the real clips, or None when it is not on this machine."""
    folders = (parent / "shared" / "data" / "video" for parent in ROOT.parents)
    return next((folder for folder in folders if folder.is_dir()), None)


class TrueCrossing(msgspec.Struct):
    """A crossing that somebody watched: seconds from the first frame."""

    t: float
    direction: str
    tolerance_s: float


class TrueLine(msgspec.Struct):
    """A line with all its crossings."""

    id: str
    p1: tuple[float, float]
    p2: tuple[float, float]
    directions: dict[str, tuple[float, float]]
    crossings: list[TrueCrossing]


class TrueSpan(msgspec.Struct, rename={"begin": "from", "end": "to"}):
    """A time during which a zone was occupied."""

    begin: float
    end: float
    tolerance_s: float = 0.5


class TrueZone(msgspec.Struct):
    """A zone with the times of its occupation."""

    id: str
    polygon: tuple[tuple[float, float], ...]
    occupied: list[TrueSpan] = []


class Truth(msgspec.Struct):
    """What a clip truly shows (NAME.truth.json)."""

    clip: str
    kind: str
    lines: list[TrueLine] = []
    zones: list[TrueZone] = []


def truth_of(folder: Path, name: str) -> Truth:
    """The truth file of a clip."""
    return msgspec.json.decode((folder / f"{name}.truth.json").read_bytes(), type=Truth)


def real_examples(path: str) -> Path | None:
    """A folder of real payloads, or None when it is not on this machine."""
    folders = (parent / "shared" / "data" / path for parent in ROOT.parents)
    return next((folder for folder in folders if folder.is_dir()), None)
