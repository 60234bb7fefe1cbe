"""Facts about what waits for a slow reader."""

import msgspec

from cameras.health import State
from cameras.outbox import SIGHTINGS, Outbox
from cameras.wire import Became, Pulse, Report, Saw, Shown, report_of


def saw(sequence: int) -> Saw:
    """A sighting."""
    return Saw(
        camera="cam-a",
        sequence=sequence,
        kind="line_crossed",
        subject="L1",
        direction="",
        track="1",
        box=(0, 0, 1, 1),
        jpeg=None,
    )


def emptied(outbox: Outbox) -> list[Report]:
    """Everything that waits, in order."""
    reports = []
    while message := outbox.take(0.0):
        reports.append(report_of(message[4:]))
    return reports


def test_the_age_is_that_of_the_moment_of_writing() -> None:
    """A report that waited is older."""
    outbox = Outbox(lambda: 107.5)
    outbox.put(saw(1), 100.0)
    assert [report.age_s for report in emptied(outbox)] == [7.5]


def test_only_the_newest_picture_and_state_of_a_camera_wait() -> None:
    """A slow reader sees the present; states go first, pictures last."""
    outbox = Outbox(lambda: 0.0)
    for n in range(5):
        outbox.put(Shown(camera="cam-a", jpeg=bytes([n])), 0.0)
        outbox.put(Shown(camera="cam-b", jpeg=bytes([n])), 0.0)
        outbox.put(Became(camera="cam-a", state=State.LIVE if n % 2 else State.SILENT, reason=str(n)), 0.0)
        outbox.put(Pulse(dropped=0), 0.0)
    outbox.put(saw(1), 0.0)
    assert emptied(outbox) == [
        Became(camera="cam-a", state=State.SILENT, reason="4"),
        saw(1),
        Shown(camera="cam-a", jpeg=b"\4"),
        Shown(camera="cam-b", jpeg=b"\4"),
        Pulse(dropped=0),
    ]


def test_too_many_sightings_drop_the_oldest_and_are_counted() -> None:
    """Nothing is lost without a trace: the sequence shows the gap as well."""
    outbox = Outbox(lambda: 0.0)
    for n in range(SIGHTINGS + 10):
        outbox.put(saw(n), 0.0)
    assert outbox.dropped == 10
    assert [report.sequence for report in emptied(outbox) if isinstance(report, Saw)] == list(range(10, SIGHTINGS + 10))


def test_an_end_is_dropped_last() -> None:
    """What is not told to end would hold on; but ends, too, are bounded."""
    outbox = Outbox(lambda: 0.0)
    for n in range(SIGHTINGS):
        outbox.put(msgspec.structs.replace(saw(n), phase="end" if n < 2 else "update"), 0.0)
    outbox.put(saw(SIGHTINGS), 0.0)
    waiting = [report.sequence for report in emptied(outbox) if isinstance(report, Saw)]
    assert waiting == [0, 1, *range(3, SIGHTINGS + 1)]
    for n in range(SIGHTINGS + 5):
        outbox.put(msgspec.structs.replace(saw(n), phase="end"), 0.0)
    assert len(emptied(outbox)) == SIGHTINGS


def test_an_empty_outbox_gives_nothing_after_its_deadline() -> None:
    """Taking never waits for ever."""
    assert Outbox(lambda: 0.0).take(0.01) is None
