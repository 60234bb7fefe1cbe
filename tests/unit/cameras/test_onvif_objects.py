"""Facts about the objects in an ONVIF event's data."""

from typing import Any

import pytest

from cameras.foreign import NOWHERE
from cameras.onvif_objects import Thing, thing_in


def held(**appearance: Any) -> dict[str, Any]:
    return {"Object": {"Object": {"@ObjectId": "12", "Appearance": appearance}}}


def test_the_likeliest_class_counts_in_the_new_form_and_the_old_one() -> None:
    types = [{"#text": "Human", "@Likelihood": "0.2"}, {"#text": "Vehicle", "@Likelihood": 0.91}]
    new = thing_in(held(Class={"Type": types}), None)
    assert (new.name, new.score, new.track) == ("vehicle", 0.91, "12")
    old = thing_in(held(Class={"ClassCandidate": {"Type": "Human", "Likelihood": "0.7"}}), None)
    assert (old.name, old.score) == ("person", 0.7)
    assert thing_in(held(Class={"Type": "Bicycle"}), None).name == "two-wheeler"


def test_simple_items_tell_what_no_object_does() -> None:
    assert thing_in({"objectId": "7", "classTypes": "human vehicle"}, None) == Thing(name="person", track="7")
    assert thing_in({"Confidence": "83", "ObjectId": 4}, None) == Thing(score=0.83, track="4")
    assert thing_in({}, None) == Thing()


@pytest.mark.parametrize(
    ("corners", "frame", "box"),
    [
        ({"@left": "-0.5", "@top": "0.5", "@right": "0.5", "@bottom": "-0.5"}, None, (0.25, 0.25, 0.5, 0.5)),
        ({"left": -1, "top": 1, "right": 0, "bottom": 0}, None, (0.0, 0.0, 0.5, 0.5)),
        ({"@left": 320, "@top": 90, "@right": 640, "@bottom": 180}, (1280, 720), (0.25, 0.125, 0.25, 0.125)),
        ({"@left": 320, "@top": 90, "@right": 640, "@bottom": 180}, None, NOWHERE),
        ({"@left": "x", "@top": 90, "@right": 640, "@bottom": 180}, None, NOWHERE),
        ({}, None, NOWHERE),
    ],
)
def test_boxes_come_out_from_the_top_left(corners: dict[str, Any], frame: Any, box: Any) -> None:
    assert thing_in(held(Shape={"BoundingBox": corners}), frame).box == box


def test_a_transformation_is_applied_to_pixels() -> None:
    """ONVIF Analytics, "Spatial relation": 0..1000 from the top left to -1..1 upwards."""
    corners = {"@left": "250", "@top": "250", "@right": "750", "@bottom": "750"}
    turned = {"Translate": {"@x": "-1", "@y": "1"}, "Scale": {"@x": "0.002", "@y": "-0.002"}}
    assert thing_in(held(Shape={"BoundingBox": corners}, Transformation=turned), None).box == (0.25, 0.25, 0.5, 0.5)


def test_a_speed_is_told_in_km_h() -> None:
    data = {"Object": {"@ObjectId": "1", "Appearance": {}, "Behaviour": {"Speed": "10"}}}
    assert thing_in(data, None).speed_kmh == 36.0


def test_depth_and_number_of_objects_are_bounded() -> None:
    deep: dict[str, Any] = {"Appearance": {"Class": {"Type": "Human"}}}
    for _ in range(50):
        deep = {"x": deep}
    assert thing_in(deep, None) == Thing()
