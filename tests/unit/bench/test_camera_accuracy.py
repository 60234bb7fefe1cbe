"""Facts about the scorer, on forged results: it must see every kind of failure."""

from pathlib import Path

import msgspec
import pytest

from bench import camera_accuracy
from bench.camera_accuracy import ClipScore, figures, score, spans, table
from bench.camera_truth import Truth
from cameras.zones import Event

TIMES = [2.0, 4.0, 6.0, 8.0, 10.0]
LINE = {"id": "L1", "p1": [0, 0.5], "p2": [1, 0.5], "directions": {"up": [0, -1], "down": [0, 1]}}
ZONE = {"id": "Z1", "polygon": [[0, 0], [1, 0], [1, 1]]}


def truth(times: list[float], **more: object) -> Truth:
    """A line crossed upwards at these times, each within 0.6 s."""
    crossings = [{"t": t, "direction": "up", "tolerance_s": 0.6} for t in times]
    return msgspec.convert({"kind": "street", "lines": [LINE | {"crossings": crossings}]} | more, Truth)


def crossed(at: float, direction: str = "up", line: str = "L1") -> Event:
    """A forged report of a crossing."""
    return Event(kind="line_crossed", subject=line, direction=direction, track=1, box=(0, 0, 0.1, 0.1), at=at)


def lasting(kind: str, begin: float, end: float | None, number: int = 1) -> list[Event]:
    """Forged reports of what went on in the zone; without an end it goes on."""
    base = Event(
        kind=kind,  # type: ignore[arg-type]
        subject="Z1",
        direction="",
        track=1,
        box=(0, 0, 0.1, 0.1),
        at=begin + 1.0,
        phase="start",
        number=number,
        since=begin,
    )
    return [base] if end is None else [base, msgspec.structs.replace(base, phase="end", at=end)]


def lines(events: list[Event], of: Truth) -> ClipScore:
    """The score of a clip of twelve seconds."""
    return score("forged", of, events, 12.0)


@pytest.mark.parametrize(
    ("events", "missed", "false", "outside"),
    [
        ([crossed(t) for t in TIMES], 0, 0, False),
        ([crossed(t + 1.09) for t in TIMES], 0, 0, False),
        ([crossed(t - 1.09) for t in TIMES], 0, 0, False),
        ([crossed(t) for t in TIMES[1:]], 1, 0, False),
        ([crossed(t) for t in TIMES[2:]], 2, 0, True),
        ([crossed(t) for t in TIMES] + [crossed(4.1)], 0, 1, False),
        ([crossed(t) for t in TIMES] + [crossed(4.1), crossed(6.1)], 0, 2, True),
        ([crossed(t, "down") for t in TIMES], 5, 5, True),
        ([crossed(t, "") for t in TIMES], 5, 5, True),
        ([crossed(t + 50) for t in TIMES], 5, 5, True),
        ([crossed(t, line="L2") for t in TIMES], 5, 0, True),
        ([], 5, 0, True),
    ],
)
def test_a_line_is_scored_as_the_contract_says(events: list[Event], missed: int, false: int, outside: bool) -> None:
    """Tolerance and half a second, the direction, one miss and one false report allowed from five on."""
    line = lines(events, truth(TIMES)).lines[0]
    assert (len(line.missed), len(line.false), line.outside) == (missed, false, outside)


@pytest.mark.parametrize(("late", "missed"), [(1.05, 0), (1.15, 1)])
def test_a_late_report_matches_nothing(late: float, missed: int) -> None:
    """Beyond the tolerance it is a miss and a false report at once."""
    line = lines([crossed(2.0 + late)], truth([2.0])).lines[0]
    assert (len(line.missed), len(line.false)) == (missed, missed)
    assert line.outside is bool(missed)


def test_few_crossings_allow_nothing() -> None:
    """With four, one miss or one false report is outside; with none, any report is."""
    assert lines([crossed(t) for t in TIMES[:3]], truth(TIMES[:4])).lines[0].outside
    assert lines([crossed(t) for t in [*TIMES[:4], 11.0]], truth(TIMES[:4])).lines[0].outside
    assert lines([crossed(5.0)], truth([])).lines[0].outside
    assert not lines([], truth([])).lines[0].outside


def test_twenty_crossings_allow_a_tenth() -> None:
    """Two of twenty may be missed, and two may be false."""
    times = [2.0 * n for n in range(20)]
    assert not score("f", truth(times), [crossed(t) for t in times[2:]], 50.0).lines[0].outside
    assert score("f", truth(times), [crossed(t) for t in times[3:]], 50.0).lines[0].outside
    false = [crossed(t) for t in times] + [crossed(100.0), crossed(110.0)]
    assert not score("f", truth(times), false, 120.0).lines[0].outside
    assert score("f", truth(times), [*false, crossed(115.0)], 120.0).lines[0].outside


def test_one_report_matches_one_crossing_and_the_most_are_matched() -> None:
    """Two crossings close to each other need two reports; a report is not wasted on the wrong one."""
    near = truth([2.0, 2.6])
    assert len(lines([crossed(2.3)], near).lines[0].missed) == 1
    assert lines([crossed(3.5), crossed(2.7)], near).lines[0].missed == ()


def test_a_zone_s_presence_is_joint_time_over_all_time() -> None:
    """Half a second late on ten, a gap, an invented occupation, nothing at all, one that does not end."""
    of = truth([], lines=[], zones=[ZONE | {"occupied": [{"from": 1.0, "to": 11.0}]}])

    def iou(*said: list[Event]) -> float | None:
        return lines([event for events in said for event in events], of).zones[0].iou

    assert iou(lasting("zone_presence", 1.0, 11.0)) == 1.0
    assert iou(lasting("zone_presence", 1.5, 11.0)) == 0.95
    assert iou(lasting("zone_presence", 1.0, 5.0), lasting("zone_presence", 7.0, 11.0, 2)) == 0.8
    assert iou(lasting("zone_presence", 0.0, None)) == pytest.approx(10 / 12, abs=0.001)
    assert iou() == 0.0
    empty = truth([], lines=[], zones=[ZONE | {"occupied": []}])
    assert lines([], empty).zones[0].iou == 1.0
    assert lines(lasting("zone_presence", 2.0, 3.0), empty).zones[0].iou == 0.0


def test_stops_are_missed_and_invented() -> None:
    """A report matches a halt when they share half of their joint time; each matches once."""
    of = truth([], lines=[], zones=[ZONE | {"stopped": [{"from": 2.0, "to": 8.0}]}])

    def stops(*said: list[Event]) -> tuple[int, int]:
        zone = lines([event for events in said for event in events], of).zones[0]
        return len(zone.missed), len(zone.invented)

    assert stops(lasting("stopped", 2.5, 8.0)) == (0, 0)
    assert stops() == (1, 0)
    assert stops(lasting("stopped", 6.5, 8.0)) == (1, 1)
    assert stops(lasting("stopped", 2.0, 8.0), lasting("stopped", 2.2, 8.0, 2)) == (0, 1)
    unwatched = truth([], lines=[], zones=[ZONE])
    assert len(lines(lasting("stopped", 2.0, 8.0), unwatched).zones[0].invented) == 1


def test_what_is_uncertain_is_not_scored() -> None:
    """Neither a miss nor a false report in it counts; words alone change nothing."""
    doubt = truth(TIMES[:2], uncertain=["a shadow", {"from": 3.0, "to": 5.0}])
    line = lines([crossed(2.0), crossed(3.5, "down")], doubt).lines[0]
    assert (line.true, line.missed, line.false) == (1, (), ())
    zones = [ZONE | {"occupied": [{"from": 6.0, "to": 8.0}], "uncertain": [{"from": 0.0, "to": 5.0}]}]
    zone = lines(
        lasting("zone_presence", 1.0, 5.0) + lasting("zone_presence", 6.0, 8.0, 2) + lasting("stopped", 1.0, 4.0, 3),
        truth([], lines=[], zones=zones),
    ).zones[0]
    assert (zone.iou, zone.invented) == (1.0, ())


def test_updates_do_not_make_more_of_one() -> None:
    """Start, update and end of one number are one time."""
    start, end = lasting("zone_presence", 2.0, 9.0)
    update = msgspec.structs.replace(start, phase="update", at=6.0)
    assert spans([start, update, end], "zone_presence", "Z1", 12.0) == [(2.0, 9.0)]


def test_the_figures_are_those_of_the_contract() -> None:
    """Worst zone, all lines and stops; a set without zones says so and is not failed for it."""
    bad = lines(
        [], truth(TIMES, zones=[ZONE | {"occupied": [{"from": 1, "to": 2}], "stopped": [{"from": 1, "to": 2}]}])
    )
    good = lines([crossed(t) for t in TIMES], truth(TIMES))
    assert figures([bad, good]) == {"lines_outside": 1, "zone_iou_min": 0.0, "stops_missed": 1, "stops_invented": 0}
    assert figures([good]) == {"lines_outside": 0, "zone_iou_min": 1.0, "stops_missed": 0, "stops_invented": 0}
    assert any("OUTSIDE; missed" in row for row in table([bad]))
    assert "no zone is annotated here" in table([good])[-1]


def test_a_folder_without_annotated_clips_or_with_a_broken_truth_is_refused(tmp_path: Path) -> None:
    """One sentence that names the file."""
    with pytest.raises(ValueError, match=r"NAME\.truth\.json"):
        camera_accuracy.run(tmp_path)
    (tmp_path / "a.mp4").write_bytes(b"")
    (tmp_path / "a.truth.json").write_text('{"kind": "moon"}')
    with pytest.raises(ValueError, match=r"a\.truth\.json is not a truth file"):
        camera_accuracy.run(tmp_path)
