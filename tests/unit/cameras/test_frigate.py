"""Facts about Frigate's events as sightings."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cameras import frigate
from cameras.foreign import NOWHERE, Eye, Speaker, Told
from tests.fakes.eyes import OBJECT, T0, walk
from tests.fakes.eyes import frigate as message
from tests.fakes.shared import real_examples
from tests.fakes.things import NOW

FRONT = Eye(code="front-door", centre="hoi-an", frame=(1280, 720))
SPEAKER = Speaker(code="rec-1", find=lambda name: FRONT if name in ("Front_Door", "front_door") else None)


def read(said: object, topic: str = "frigate/events", **more: Any) -> Told:
    payload = said if isinstance(said, bytes) else json.dumps(said).encode()
    return frigate.decode(payload, topic, SPEAKER, NOW, **more)


def steps(*messages: Any) -> list[tuple[str, str, str]]:
    return [(one.kind, one.phase, one.subject) for said in messages for one in read(said).sightings]


def test_new_update_and_end_are_one_life_under_one_id() -> None:
    found = [one for said in walk() for one in read(said).sightings]
    life = [one for one in found if one.kind == "object_detected"]
    assert [one.phase for one in life] == ["start", "update", "update", "update", "update", "end"]
    assert len({one.id for one in life}) == 1
    assert {one.since.timestamp() for one in life if one.since} == {T0 - 110}
    assert [one.stamp.at.timestamp() for one in life] == [T0 - 100, T0 - 95, T0 - 90, T0 - 80, T0 - 75, T0 - 70]
    assert {(one.object_class, one.track, one.score) for one in life} == {("person", "1795309100.5-abc123", 0.86)}


def test_zones_come_and_go_and_standing_still_is_a_life_of_its_own() -> None:
    assert [one for one in steps(*walk()) if one[0] != "object_detected"] == [
        ("zone_entered", "moment", "yard"),
        ("stopped", "start", ""),
        ("stopped", "end", ""),
        ("zone_left", "moment", "yard"),
    ]
    stops = [one for said in walk() for one in read(said).sightings if one.kind == "stopped"]
    assert stops[0].id == stops[1].id


def test_the_same_message_gives_the_same_sightings_in_any_order() -> None:
    """Nothing is remembered between messages."""
    forwards = [one for said in walk() for one in read(said).sightings]
    backwards = [one for said in reversed(walk()) for one in read(said).sightings]
    assert sorted(forwards, key=repr) == sorted(backwards, key=repr)
    assert len({one.stamp.key for one in forwards}) == len(forwards)


def test_an_object_that_ends_in_a_zone_or_standing_leaves_and_moves_no_more() -> None:
    there = {"current_zones": ["yard"], "entered_zones": ["yard"], "stationary": True}
    assert steps(message("end", there, **there, end_time=T0 - 60)) == [
        ("object_detected", "end", ""), ("zone_left", "moment", "yard"), ("stopped", "end", ""),
    ]  # fmt: skip


def test_a_zone_that_was_passed_between_two_messages_was_entered_and_left() -> None:
    assert steps(message("update", {}, entered_zones=["lane"]))[1:] == [
        ("zone_entered", "moment", "lane"), ("zone_left", "moment", "lane"),
    ]  # fmt: skip


def test_an_object_may_be_new_inside_a_zone_and_at_rest() -> None:
    before = {"current_zones": ["yard"], "entered_zones": ["yard"], "stationary": True}
    assert steps(message("new", before, **before)) == [
        ("object_detected", "start", ""), ("zone_entered", "moment", "yard"), ("stopped", "start", ""),
    ]  # fmt: skip
    assert steps({"type": "new", "before": None, "after": dict(OBJECT)}) == [("object_detected", "start", "")]


def test_what_frigate_calls_a_false_positive_is_no_sighting() -> None:
    for step in ("new", "update", "end"):
        told = read(message(step, {"false_positive": True}, false_positive=True))
        assert (told.sightings, told.counted) == ((), "frigate_false_positive")
    assert len(read(message("new", {"false_positive": True})).sightings) == 1, "it was one, and is none any more"


def test_a_box_is_in_parts_of_the_picture() -> None:
    (seen,) = read(message("new", {})).sightings
    assert seen.box == (0.25, 0.25, 0.125, 0.5)
    assert frigate.box_of(frigate.tracked(OBJECT), None) == ((0.25, 0.25, 0.125, 0.5), False), "1280 x 720 holds it all"
    wide = OBJECT | {"snapshot": {"region": [1000, 500, 1900, 1050]}}
    assert frigate.box_of(frigate.tracked(wide), None)[0] == pytest.approx((0.1667, 0.1667, 0.0833, 0.3333))
    assert frigate.box_of(frigate.tracked(OBJECT | {"box": [0, 0, 9000, 9000]}), None) == (NOWHERE, False)
    assert frigate.box_of(frigate.tracked(OBJECT | {"box": None}), (1280, 720)) == (NOWHERE, False)
    listed = {"data": {"box": [0.1, 0.2, 0.3, 0.4]}}
    assert frigate.box_of(frigate.tracked(listed), None) == ((0.1, 0.2, 0.3, 0.4), True)


def test_a_speed_is_told_where_frigate_measures_one() -> None:
    (seen,) = read(message("new", {}, current_estimated_speed=34.26)).sightings
    assert seen.speed_kmh == 34.3
    assert read(message("new", {}, current_estimated_speed=0)).sightings[0].speed_kmh is None
    (seen,) = read(message("end", {}, current_estimated_speed=0, average_estimated_speed=12.0, end_time=T0)).sightings
    assert seen.speed_kmh == 12.0


def test_names_plates_and_descriptions_are_left_alone() -> None:
    said = message("new", {}, sub_label=["John Smith", 0.9], recognized_license_plate="43A-12345")
    kept = repr(read(said).sightings)
    assert "John" not in kept
    assert "43A" not in kept


@pytest.mark.parametrize(
    ("topic", "payload", "code"),
    [
        ("frigate/reviews", {"type": "new", "before": {}, "after": {}}, "not_kept"),
        ("frigate/tracked_object_update", {"type": "description", "id": "1"}, "not_kept"),
        ("frigate/events", {"type": "description", "id": "1", "description": "…"}, "not_kept"),
        ("", {"type": "face", "id": "1", "name": "John", "camera": "front_door", "timestamp": 1.0}, "not_kept"),
        ("", {"type": "update", "before": {"severity": "alert"}, "after": {"severity": "alert"}}, "not_kept"),
        ("frigate/events", b"{", "not_json"),
        ("frigate/events", b"[" * 9000, "not_json"),
        ("frigate/events", [], "schema"),
        ("frigate/events", 7, "schema"),
        ("frigate/events", {"type": "new", "after": {}}, "schema"),
        ("frigate/events", {"type": "again", "after": dict(OBJECT)}, "schema"),
        ("frigate/events", {"type": "new", "after": OBJECT | {"camera": "back"}}, "unknown_camera"),
        ("frigate/events", {"type": "new", "after": OBJECT | {"frame_time": 4e9}}, "date"),
        ("frigate/events", {"type": "new", "after": OBJECT | {"start_time": None}}, "date"),
        ("frigate/events", b"{}" + b" " * 300_000, "too_big"),
    ],
)
def test_what_cannot_be_kept_is_refused_with_a_reason(topic: str, payload: object, code: str) -> None:
    told = read(payload, topic)
    assert told.sightings == ()
    assert told.trouble is not None
    assert told.trouble.code == code
    assert len(told.trouble.reason) > 20


def test_other_topics_are_counted_and_a_camera_s_status_is_its_state() -> None:
    for topic in ("frigate/stats", "frigate/available", "frigate/front_door/person", "frigate/front_door/snapshot"):
        assert read(b"\xff\xd8\xff", topic).counted == "frigate_other"
    for said, state in ((b"online", "live"), (b"offline", "unreachable")):
        (told,) = read(said, "frigate/front_door/status/detect").states
        assert (told.camera, told.state) == ("front-door", state)
    assert read(b"offline", "frigate/front_door/status/record").states == ()


def test_older_forms_and_lists_of_the_api_are_read() -> None:
    flat = dict(OBJECT)
    assert [one.phase for one in read(flat, "frigate/front_door/events/start").sightings] == ["start"]
    assert [one.phase for one in read(flat | {"end_time": T0}, "frigate/front_door/events/end").sightings] == ["end"]
    listed = {name: OBJECT[name] for name in ("id", "camera", "label", "start_time", "false_positive")}
    told = read([listed | {"end_time": T0, "zones": ["yard"], "data": {"top_score": 0.7}}, listed], "")
    assert [(one.kind, one.phase, one.score) for one in told.sightings] == [
        ("object_detected", "start", 0.7), ("zone_entered", "moment", 0.7), ("object_detected", "end", 0.7),
        ("object_detected", "start", None),
    ]  # fmt: skip


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from([*OBJECT, "type", "before", "after", "topic", "payload", "data"]), inner)
    ),
    max_leaves=15,
)


@given(JSON, st.sampled_from(["frigate/events", "", "frigate/x/events/end", "frigate/a/status/detect"]))
def test_any_json_is_answered(said: object, topic: str) -> None:
    assert isinstance(read(said, topic), Told)


@given(st.dictionaries(st.sampled_from(list(OBJECT)), JSON), st.sampled_from(["new", "update", "end"]))
def test_any_field_may_be_anything(changed: dict[str, Any], step: str) -> None:
    assert isinstance(read(message(step, changed, **changed)), Told)


def test_real_messages_of_frigate() -> None:
    folder = real_examples("messages/frigate")
    if folder is None:
        pytest.skip("the real messages are not on this machine")
    payload = (folder / "mqtt_documented_payloads.json").read_bytes()
    told = read(payload, "", believes=lambda at, now: True)
    assert [(one.kind, one.phase, one.subject) for one in told.sightings] == [
        ("object_detected", "update", ""), ("zone_entered", "moment", "yard"),
    ]  # fmt: skip
    assert "John" not in repr(told.sightings)
    listed = read((folder / "events_front_door_part1.json").read_bytes(), "", believes=lambda at, now: True)
    assert len({one.id for one in listed.sightings if one.phase == "start"}) == 33
    assert sum(one.phase == "end" for one in listed.sightings) == 33
