"""Facts about the empty scene: what stands stays visible, and changes of the light are nobody."""

import numpy as np

from cameras.empty import LOOK_S, Empty, region
from cameras.motion import Luma
from tests.fakes.scene_drawn import drawn
from tests.fakes.video import yard

YARD = yard(640, 360)
BOX = (0.4, 0.4, 0.2, 0.3)


def seen(empty: Empty, pictures: list[Luma], start: float = 0.0, step: float = LOOK_S) -> float:
    for n, picture in enumerate(pictures):
        empty.look(picture, start + n * step)
    return start + len(pictures) * step


def scene(*tones: int, seconds: float, seed: int = 0) -> list[Luma]:
    boxes = [(BOX, tone) for tone in tones]
    return [drawn(YARD, boxes, seed=seed + n) for n in range(round(seconds / LOOK_S))]


def share(empty: Empty) -> float:
    assert empty.occupied is not None
    inside = region(((0.42, 0.42), (0.58, 0.42), (0.58, 0.68), (0.42, 0.68)), empty.occupied.shape)
    return float(empty.occupied[inside > 0].mean())


def test_it_looks_twice_a_second() -> None:
    empty = Empty(18.0)
    assert [empty.look(YARD, n * 0.2) for n in range(6)] == [True, False, False, True, False, False]


def test_what_stands_for_minutes_stays_visible_and_its_place_is_known_again() -> None:
    empty = Empty(18.0)
    now = seen(empty, scene(seconds=10))
    assert share(empty) == 0.0
    now = seen(empty, scene(230, seconds=300), now)
    assert share(empty) > 0.95
    seen(empty, scene(seconds=5), now)
    assert share(empty) == 0.0


def test_what_is_kept_is_never_learnt() -> None:
    for kept in (False, True):
        empty = Empty(18.0)
        now = seen(empty, scene(seconds=10))
        picture = drawn(YARD, [(BOX, 230)])
        for n in range(2000):
            empty.look(picture, now + n * 2.0, empty.occupied if kept else None)
        assert (share(empty) > 0.9) == kept


def test_another_exposure_and_switched_lights_are_nobody() -> None:
    empty = Empty(18.0)
    now = seen(empty, scene(seconds=10))
    dark = [np.asarray(picture * 0.6 + 10, dtype=np.uint8) for picture in scene(seconds=3)]
    now = seen(empty, dark, now)
    assert empty.occupied is not None
    assert empty.occupied.mean() < 0.02
    other = yard(640, 360, seed=99)
    now = seen(empty, [drawn(other, [], seed=n) for n in range(20)], now)
    assert empty.occupied is not None
    assert empty.occupied.mean() < 0.02


def test_what_came_has_an_outline_and_what_was_uncovered_has_not() -> None:
    plain = np.full((360, 640), 120, np.uint8)
    bare = [drawn(plain, [], seed=n) for n in range(20)]
    for tone, came in ((230, True), (140, False)):
        thing = [drawn(plain, [(BOX, tone)], seed=n) for n in range(20)]
        empty = Empty(18.0)
        seen(empty, thing[:4], seen(empty, bare))
        assert empty.occupied is not None
        assert empty.came(empty.occupied) == came, "what hardly differs is no thing"
        other = Empty(18.0)
        seen(other, bare[:4], seen(other, thing))
        assert other.occupied is not None
        assert not other.came(other.occupied)


def test_a_region_holds_the_points_of_its_polygon() -> None:
    mask = region(((0.25, 0.25), (0.75, 0.25), (0.75, 0.75), (0.25, 0.75)), (40, 80))
    assert abs(mask.mean() - 0.25) < 0.03
