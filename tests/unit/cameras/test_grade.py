"""Facts about how good a stream is."""

import pytest

from cameras.grade import HOUR_S, Gauge, Rating, grade
from cameras.packets import Header, Piece

HEADER = Header(codec="h264", extradata=b"", width=640, height=360, tick=(1, 90_000))


class Stream:
    """A camera's packets, one after the other, with its own times beside those of their arrival."""

    def __init__(self, at: float = 0.0) -> None:
        self.gauge = Gauge(at)
        self.at, self.pts = at, 0
        self.figures: list[Rating] = []

    def opens(self) -> "Stream":
        """It is opened."""
        self.gauge.opened(HEADER)
        return self

    def sends(self, seconds: float, fps: float, *, own_fps: float | None = None) -> "Stream":
        """So many pictures a second arrive; the camera made `own_fps`."""
        for _ in range(round(seconds * fps)):
            self.at += 1 / fps
            self.pts += round(90_000 / (own_fps or fps))
            self.gauge.passed(Piece(b"", self.pts, None, True, self.at))
            self.tick()
        return self

    def waits(self, seconds: float) -> "Stream":
        """Nothing comes."""
        until = self.at + seconds
        while self.at < until:
            self.at += 1.0
            self.tick()
        return self

    def tick(self) -> None:
        """What is told at this moment."""
        if (figures := self.gauge.tick(self.at)) is not None:
            self.figures.append(figures)


@pytest.mark.parametrize(
    ("figures", "expected"),
    [
        ((25.0, 25.0, 0, 0), "excellent"),
        ((22.5, 25.0, 0, 4), "excellent"),
        ((22.4, 25.0, 0, 4), "fair"),
        ((25.0, 25.0, 0, 5), "fair"),
        ((25.0, 25.0, 2, 0), "fair"),
        ((15.0, 25.0, 2, 100), "fair"),
        ((14.9, 25.0, 0, 0), "poor"),
        ((25.0, 25.0, 3, 0), "poor"),
        ((25.0, 25.0, 10, 100), "poor"),
        ((25.0, 25.0, 11, 0), "unusable"),
        ((0.9, 1.0, 0, 0), "unusable"),
        ((25.0, 25.0, 0, 101), "unusable"),
    ],
)
def test_the_bounds_of_each_grade(figures: tuple[float, float, int, int], expected: str) -> None:
    assert grade(*figures) == expected


def test_a_steady_stream_is_excellent_and_told_every_half_minute() -> None:
    told = Stream().opens().sends(180, 25).figures
    assert [one.grade for one in told] == ["excellent"] * len(told)
    assert len(told) in {4, 5}
    assert told[-1].fps == pytest.approx(25, abs=0.5)


def test_pictures_that_are_lost_on_the_way_from_the_first_on_are_missed_against_the_stream_s_own_times() -> None:
    """Half of the pictures arrive, in runs; most of its steps are those of twenty-five."""
    stream = Stream().opens()
    for _ in range(120):
        stream.sends(0.4, 25)
        stream.at += 0.4
        stream.pts += 36_000
    assert stream.figures[-1].grade == "poor"
    assert stream.figures[-1].expected_fps == pytest.approx(25, abs=1)


def test_a_rate_that_falls_is_judged_by_what_was_shown() -> None:
    stream = Stream().opens().sends(120, 25).sends(90, 10)
    assert (stream.figures[-1].grade, stream.figures[-1].expected_fps) == ("poor", pytest.approx(25, abs=1))


def test_a_camera_that_halves_its_rate_at_night_is_graded_by_it_an_hour_later() -> None:
    stream = Stream().opens().sends(120, 10).sends(HOUR_S + 120, 5)
    assert stream.figures[-1].grade == "excellent"


def test_pauses_and_reopenings_are_counted_for_an_hour() -> None:
    stream = Stream().opens().sends(60, 5)
    for _ in range(6):
        stream.waits(3).sends(30, 5)
    assert (stream.figures[-1].stalls, stream.figures[-1].reconnects) == (6, 0)
    stream.opens().sends(60, 5)
    assert stream.figures[-1].reconnects == 1
    stream.sends(HOUR_S, 5)
    assert (stream.figures[-1].stalls, stream.figures[-1].reconnects) == (0, 0)
    assert stream.figures[-1].grade == "excellent"


def test_a_stream_that_stopped_is_unusable_within_a_minute() -> None:
    stream = Stream().opens().sends(120, 25).waits(70)
    assert stream.figures[-1].grade == "unusable"
    assert Stream().waits(61).figures[-1].grade == "unusable"
