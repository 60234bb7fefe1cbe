"""Which picture is kept of what goes on."""

from collections.abc import Callable

import cv2
import numpy as np

from cameras.best import Best, Shot, worth
from cameras.event import Event
from cameras.motion import Box, Luma
from cameras.track import Track
from gis.observation import Phase

SMALL, LARGE = (0.4, 0.4, 0.1, 0.1), (0.3, 0.3, 0.4, 0.4)
RNG = np.random.default_rng(3)
NOISE: Luma = RNG.integers(60, 190, (360, 640), dtype=np.uint8)
BLURRED: Luma = np.asarray(cv2.GaussianBlur(NOISE, (21, 21), 0), dtype=np.uint8)


def event(phase: Phase, at: float, box: Box = SMALL, *, number: int = 1, score: float | None = None) -> Event:
    return Event(
        kind="loitering", subject="z", direction="", track=7, box=box, at=at, phase=phase, number=number, score=score
    )


def named(text: str) -> Callable[[], bytes]:
    return lambda: text.encode()


def test_larger_sharper_surer_and_whole_is_better() -> None:
    assert worth(LARGE, NOISE) > worth(SMALL, NOISE)
    assert worth(SMALL, NOISE) > 2 * worth(SMALL, BLURRED)
    assert worth(SMALL, NOISE, 0.9) > worth(SMALL, NOISE, 0.5)
    assert worth((0.3, 0.3, 0.2, 0.2), NOISE) > 1.5 * worth((0.0, 0.3, 0.2, 0.2), NOISE)
    assert worth((0.5, 0.5, 0.001, 0.001), NOISE) == 0.0


def test_a_moment_has_its_own_picture() -> None:
    shots = Best().look([event("moment", 1.0, number=0)], [], NOISE, 1.0, named("now"))
    assert shots == [Shot(b"now", SMALL)]


def test_a_better_picture_goes_with_the_next_report_and_with_its_own_box() -> None:
    best, track = Best(), Track(7, SMALL, 0.0)
    assert best.look([event("start", 0.0)], [track], NOISE, 0.0, named("first")) == [Shot(b"first", SMALL)]
    track.box = LARGE
    best.look([], [track], NOISE, 2.0, named("large"))
    track.box = SMALL
    best.look([], [track], NOISE, 3.0, named("small again"))
    assert best.look([event("update", 5.0)], [track], NOISE, 5.0, named("now")) == [Shot(b"large", LARGE)]
    assert best.look([event("update", 10.0)], [track], NOISE, 10.0, named("now")) == [Shot(None, SMALL)]
    assert best.look([event("end", 12.0)], [], NOISE, 12.0, named("now")) == [Shot(None, SMALL)]


def test_the_best_of_a_short_life_goes_with_its_end() -> None:
    best, track = Best(), Track(7, LARGE, 0.0)
    best.look([event("start", 0.0)], [Track(7, SMALL, 0.0)], NOISE, 0.0, named("first"))
    best.look([], [track], NOISE, 1.5, named("large"))
    assert best.look([event("end", 2.0)], [], NOISE, 2.0, named("gone")) == [Shot(b"large", LARGE)]


def test_a_thing_is_looked_at_once_a_second() -> None:
    best, made = Best(), []

    def picture() -> bytes:
        made.append(1)
        return b"x"

    track = Track(7, SMALL, 0.0)
    best.look([event("start", 0.0)], [track], NOISE, 0.0, picture)
    for n in range(1, 11):
        track.box = (0.4, 0.4, 0.1 + n / 40, 0.1 + n / 40)
        best.look([], [track], NOISE, n / 5, picture)
    assert len(made) == 3


def test_what_never_showed_anything_still_has_its_first_picture() -> None:
    shots = Best().look([event("start", 0.0, (0.5, 0.5, 0.0, 0.0))], [], NOISE, 0.0, named("first"))
    assert shots[0].jpeg == b"first"
