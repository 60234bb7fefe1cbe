"""Accuracy: what the shipped analysis says of annotated clips, beside what they truly show.

Lines as the outward contract scores them: a true crossing is matched by one report in the same direction within
its `tolerance_s` + 0.5 s; a line is outside when less than nine in ten are matched (one miss is allowed from five
on) or when more than one in ten reports too many come (one is allowed from five true ones on). Zones: the time in
which presence is both true and reported, over the time in which it is either; nothing true and nothing reported
is 1. Stops: a true halt is matched by one reported in that zone that shares at least half of their joint time;
each report that matches none is invented, also in a zone in which nobody annotated halts.
"""

import itertools
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from bench.camera_truth import TOLERANCE_S, Doubt, Span, TrueLine, TrueZone, Truth, truth_of
from cameras.analyst import Analyst
from cameras.stream import recorded
from cameras.zones import Event

MATCHED, ENOUGH = 0.9, 5
SHARED = 0.5
"""The least part of their joint time that a true halt and its report share."""

Spans = list[tuple[float, float]]


class LineScore(msgspec.Struct, frozen=True, kw_only=True):
    """One line: what matched, and the times in seconds of what did not."""

    line: str
    true: int
    reported: int
    missed: tuple[tuple[str, float], ...]
    false: tuple[tuple[str, float], ...]

    @property
    def outside(self) -> bool:
        """Whether the contract calls this line outside."""
        spare = 1 if self.true >= ENOUGH else 0
        few = self.true - len(self.missed) < MATCHED * self.true and len(self.missed) > spare
        return few or len(self.false) > max(spare, (1 - MATCHED) * self.true)


class ZoneScore(msgspec.Struct, frozen=True, kw_only=True):
    """One zone: presence (None where nobody watched for it) and halts, with both sides' times in seconds."""

    zone: str
    iou: float | None
    present: tuple[tuple[float, float], ...]
    missed: tuple[tuple[float, float], ...]
    invented: tuple[tuple[float, float], ...]
    halts: int


class ClipScore(msgspec.Struct, frozen=True, kw_only=True):
    """All lines and zones of a clip."""

    clip: str
    lines: tuple[LineScore, ...]
    zones: tuple[ZoneScore, ...]


def run(clips: Path) -> dict[str, float]:
    """Score every annotated clip of a folder, print the tables, give the figures.

    Raises ValueError when there is no such clip, or when a truth file cannot be read.
    """
    scores = [score_clip(path) for path in annotated(clips)]
    if not scores:
        raise ValueError(f"no clip in {clips}: each needs a NAME.mp4 and a NAME.truth.json")
    print(*table(scores), sep="\n")
    return figures(scores)


def annotated(clips: Path) -> list[Path]:
    """The clips of a folder that have a truth file, by name."""
    return [path for path in sorted(clips.glob("*.mp4")) if path.with_suffix(".truth.json").is_file()]


def score_clip(path: Path) -> ClipScore:
    """What the analysis says of one clip, scored."""
    truth = truth_of(path.with_suffix(".truth.json"))
    analyst, events, last = Analyst(truth.camera()), [], 0.0
    for frame in recorded(path):
        last = frame.at
        events += analyst.see(frame.luma, frame.at)
    return score(path.stem, truth, events, last)


def score(clip: str, truth: Truth, events: Sequence[Event], last: float) -> ClipScore:
    """Events of a clip that ends at `last` (s) against its truth."""
    return ClipScore(
        clip=clip,
        lines=tuple(score_line(line, events, truth.doubts(line)) for line in truth.lines),
        zones=tuple(score_zone(zone, events, truth.doubts(zone), last) for zone in truth.zones),
    )


def score_line(line: TrueLine, events: Sequence[Event], doubts: Sequence[Doubt]) -> LineScore:
    """The crossings of a line against the reports on it, as many pairs as can be made."""
    true = [crossing for crossing in line.crossings if not _doubted(crossing.t, doubts)]
    said = [event for event in events if event.kind == "line_crossed" and event.subject == line.id]
    fits = [
        [
            n
            for n, event in enumerate(said)
            if event.direction == crossing.direction
            and abs(event.at - crossing.t) <= crossing.tolerance_s + TOLERANCE_S
        ]
        for crossing in true
    ]
    pairs = _pairs(fits)
    left = [event for n, event in enumerate(said) if n not in pairs.values()]
    return LineScore(
        line=line.id,
        true=len(true),
        reported=len(said),
        missed=tuple((crossing.direction, crossing.t) for n, crossing in enumerate(true) if n not in pairs),
        false=tuple((x.direction, round(x.at, 2)) for x in left if not _doubted(x.at, doubts)),
    )


def score_zone(zone: TrueZone, events: Sequence[Event], doubts: Sequence[Doubt], last: float) -> ZoneScore:
    """The presence and the halts in a zone against what was reported."""
    present = spans(events, "zone_presence", zone.id, last)
    iou = None if zone.occupied is None else _iou(_times(zone.occupied), present, doubts)
    true, said = _times(zone.stopped or []), spans(events, "stopped", zone.id, last)
    fits = [[n for n, one in enumerate(said) if _iou([halt], [one], ()) >= SHARED] for halt in true]
    pairs = _pairs(fits)
    return ZoneScore(
        zone=zone.id,
        iou=iou,
        present=tuple(present),
        missed=tuple(x for n, x in enumerate(true) if n not in pairs and not _mostly(x, doubts)),
        invented=tuple(x for n, x in enumerate(said) if n not in pairs.values() and not _mostly(x, doubts)),
        halts=len(true),
    )


def spans(events: Iterable[Event], kind: str, zone: str, last: float) -> Spans:
    """From when to when something went on in a zone; what did not end goes on until `last` (s)."""
    begun: dict[int, float] = {}
    done: Spans = []
    for event in events:
        if event.kind == kind and event.subject == zone:
            begun.setdefault(event.number, event.at if event.since is None else event.since)
            if event.phase == "end":
                done.append((begun.pop(event.number), event.at))
    return [(round(a, 2), round(b, 2)) for a, b in sorted(done + [(begin, last) for begin in begun.values()])]


def figures(scores: Sequence[ClipScore]) -> dict[str, float]:
    """The figures of issue 5. A set without annotated zones has a `zone_iou_min` of 1: none is below."""
    zones = [zone for score in scores for zone in score.zones]
    return {
        "lines_outside": sum(line.outside for score in scores for line in score.lines),
        "zone_iou_min": round(min((zone.iou for zone in zones if zone.iou is not None), default=1.0), 3),
        "stops_missed": sum(len(zone.missed) for zone in zones),
        "stops_invented": sum(len(zone.invented) for zone in zones),
    }


def table(scores: Sequence[ClipScore]) -> list[str]:
    """The lines to print: a row a line and a row a zone."""
    rows = []
    for score in scores:
        for line in score.lines:
            found = f"{line.true - len(line.missed)} of {line.true}, {len(line.false)} false"
            verdict = "OUTSIDE" if line.outside else "inside"
            rows.append(f"{score.clip:24} line {line.line:8} {found:20} {verdict}{_list(line.missed, line.false)}")
        for zone in score.zones:
            iou = "not annotated" if zone.iou is None else f"IoU {zone.iou:.3f}"
            stops = f"{zone.halts - len(zone.missed)} of {zone.halts} stops, {len(zone.invented)} invented"
            rows.append(f"{score.clip:24} zone {zone.zone:8} {iou:20} {stops}{_list(zone.missed, zone.invented)}")
        if not score.lines and not score.zones:
            rows.append(f"{score.clip:24} neither lines nor zones to score")
    if not any(zone.iou is not None for score in scores for zone in score.zones):
        rows.append("no zone is annotated here: zone_iou_min is 1, no stop can be missed")
    return rows


def _list(missed: Sequence[object], false: Sequence[object]) -> str:
    named = [("missed", missed), ("false", false)]
    return "".join(f"; {name} {', '.join(map(str, found))}" for name, found in named if found)


def _times(true: Iterable[Span]) -> Spans:
    return [(span.begin, span.end) for span in true]


def _doubted(at: float, doubts: Iterable[Doubt]) -> bool:
    return any(doubt.covers(at) for doubt in doubts)


def _mostly(one: tuple[float, float], doubts: Sequence[Doubt]) -> bool:
    """Whether more than half of a time is not scored."""
    return _length([one], [], doubts, both=False) < (one[1] - one[0]) / 2


def _iou(true: Spans, said: Spans, doubts: Sequence[Doubt]) -> float:
    joint = _length(true, said, doubts, both=False)
    return round(_length(true, said, doubts, both=True) / joint, 4) if joint > 0 else 1.0


def _length(one: Spans, other: Spans, doubts: Sequence[Doubt], *, both: bool) -> float:
    """For how many scored seconds one or the other goes on, or both do."""
    dark = [(doubt.begin, doubt.end) for doubt in doubts if doubt.begin is not None and doubt.end is not None]
    edges = sorted({edge for span in [*one, *other, *dark] for edge in span})
    total = 0.0
    for begin, end in itertools.pairwise(edges):
        middle = (begin + end) / 2
        here, there, unseen = (any(a <= middle <= b for a, b in side) for side in (one, other, dark))
        if not unseen and ((here and there) if both else (here or there)):
            total += end - begin
    return total


def _pairs(fits: Sequence[Sequence[int]]) -> dict[int, int]:
    """As many true ones as possible with a report each (augmenting paths): true one -> report."""
    taken: dict[int, int] = {}

    def give(one: int, tried: set[int]) -> bool:
        for report in fits[one]:
            if report not in tried:
                tried.add(report)
                if report not in taken or give(taken[report], tried):
                    taken[report] = one
                    return True
        return False

    for one in range(len(fits)):
        give(one, set())
    return {one: report for report, one in taken.items()}
