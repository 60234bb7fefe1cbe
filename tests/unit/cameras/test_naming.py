"""Facts about when the detector is asked, and what becomes of its answers."""

from pathlib import Path

import numpy as np
import pytest

from cameras.detector import Detection, Detector, OnnxDetector, Shared
from cameras.event import Event, Kind, event_of
from cameras.motion import Box
from cameras.naming import CLASSES, TRIES, Naming, best_of, cut
from cameras.stream import Picture
from cameras.track import Track
from tests.fakes.onnx_model import model

WHOLE: Picture = np.zeros((360, 640, 3), np.uint8)
PLACE: Box = (0.4, 0.4, 0.2, 0.3)


class Asked:
    """A detector that says what it is told to, and notes what it is asked."""

    def __init__(self, name: str = "car", score: float = 0.8) -> None:
        self.name, self.score = name, score
        self.shapes: list[tuple[int, ...]] = []

    def find(self, picture: Picture) -> list[Detection]:
        self.shapes.append(picture.shape)
        inside = (0.3 / 1.6, 0.3 / 1.6, 1 / 1.6, 1 / 1.6)
        return [Detection(name=self.name, score=self.score, box=inside)] if self.name else []


def ready(detector: Detector) -> Shared:
    """A detector that never rests: its clock stands."""
    return Shared(detector, clock=lambda: 0.0)


def told(number: int = 1, kind: Kind = "zone_entered") -> Event:
    return event_of(kind, "z", Track(number, PLACE, 0.0), 0.0)


def tracks(*numbers: int) -> list[Track]:
    return [Track(number, PLACE, 0.0) for number in numbers]


def test_what_is_told_gets_the_name_and_the_trust() -> None:
    naming = Naming(ready(found := Asked()))
    (event,) = naming.name([told()], tracks(1), 0.0, lambda width: WHOLE)
    assert (event.object_class, event.score) == ("vehicle", 0.8)
    height, width, _ = found.shapes[0]
    assert (width, height) == pytest.approx((640 * 0.2 * 1.6, 360 * 0.3 * 1.6), abs=2), "a piece around the track"


def test_it_is_asked_once_a_second_and_only_for_what_moves() -> None:
    found = Asked(name="")
    naming = Naming(ready(found))
    for n in range(50):
        naming.name([], tracks(*range(20)) if n >= 10 else [], n * 0.2, lambda width: WHOLE)
    assert len(found.shapes) == 8


def test_what_has_a_name_is_not_asked_for_again_and_what_has_none_a_few_times() -> None:
    for name, times in (("car", 1), ("", TRIES), ("toaster", TRIES)):
        found = Asked(name)
        naming = Naming(ready(found))
        for n in range(10):
            naming.name([], tracks(1), n * 1.0, lambda width: WHOLE)
        assert len(found.shapes) == times


def test_the_track_of_an_event_goes_before_larger_ones() -> None:
    found = Asked()
    naming = Naming(ready(found))
    large = Track(2, (0.1, 0.1, 0.6, 0.6), 0.0)
    (event,) = naming.name([told(1)], [large, *tracks(1)], 0.0, lambda width: WHOLE)
    assert event.object_class == "vehicle"


def test_a_name_stays_with_its_track_and_no_picture_is_made_in_vain() -> None:
    naming, made = Naming(ready(Asked())), []

    def picture(width: int) -> Picture:
        made.append(width)
        return WHOLE

    naming.name([], tracks(1), 0.0, picture)
    (event,) = naming.name([told()], tracks(1), 5.0, picture)
    assert (event.object_class, len(made)) == ("vehicle", 1)
    assert naming.name([told()], [], 200.0, picture)[0].object_class == "object"


def test_while_there_is_no_detector_nothing_is_asked() -> None:
    naming = Naming(Shared())
    (event,) = naming.name([told()], tracks(1), 0.0, lambda width: pytest.fail("a picture was made in vain"))
    assert (event.object_class, event.score) == ("object", None)


def test_crowds_and_left_things_keep_their_own_class() -> None:
    naming = Naming(ready(Asked()))
    for kind in ("crowd", "left_object"):
        (event,) = naming.name([told(kind=kind)], tracks(1), 0.0, lambda width: WHOLE)
        assert event.object_class == "object"


def test_what_lies_elsewhere_in_the_piece_is_another_thing() -> None:
    _, place = cut(WHOLE, PLACE)
    elsewhere = Detection(name="car", score=0.9, box=(0.0, 0.0, 0.1, 0.1))
    here = Detection(name="person", score=0.5, box=(0.2, 0.2, 0.6, 0.6))
    assert best_of([elsewhere, here], PLACE, place) == here
    assert best_of([elsewhere], PLACE, place) is None


def test_a_piece_at_the_edge_stays_in_the_picture() -> None:
    for box in ((0.0, 0.0, 0.1, 0.1), (0.95, 0.95, 0.05, 0.05), (0.5, 0.5, 0.0, 0.0)):
        piece, place = cut(WHOLE, box)
        assert min(piece.shape[:2]) >= 1
        assert 0 <= place[0] <= place[0] + place[2] <= 1


def test_a_real_model_names_what_moves(tmp_path: Path) -> None:
    path = tmp_path / "m.onnx"
    path.write_bytes(model(("person", "motorcycle"), reach=40.0))
    whole = np.full((640, 640, 3), 10, np.uint8)
    whole[280:320, 280:320, 1] = 250  # green: a motorcycle
    box = (280 / 640, 280 / 640, 40 / 640, 40 / 640)
    naming = Naming(ready(OnnxDetector(path)))
    (event,) = naming.name([told()], [Track(1, box, 0.0)], 0.0, lambda width: whole)
    assert event.object_class == "two-wheeler"
    assert event.score is not None
    assert event.score > 0.5


def test_the_words_of_common_models_are_ours() -> None:
    words = {"person", "two-wheeler", "vehicle", "animal", "bag", "boat"}
    assert set(CLASSES.values()) == words
