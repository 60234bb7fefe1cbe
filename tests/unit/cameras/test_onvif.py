"""Facts about ONVIF events as sightings and states of cameras."""

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cameras import onvif
from cameras.foreign import Eye, Speaker, Told
from cameras.onvif_lives import Lives
from tests.fakes.eyes import ej, pulled, xml
from tests.fakes.shared import real_examples
from tests.fakes.things import NOW

EYE = Eye(code="cam-1", centre="hoi-an")
OWN = Speaker(code="cam-1", own=EYE)
MOTION = "tns1:RuleEngine/CellMotionDetector/Motion"


def read(payload: bytes, topic: str = "", speaker: Speaker = OWN, lives: Lives | None = None, **more: Any) -> Told:
    return onvif.decode(payload, topic, speaker, NOW, lives or Lives(), **more)


def at(clock: str) -> str:
    return f"2026-11-22T00:{clock}Z"


def test_what_holds_and_holds_no_more_is_a_start_and_an_end_under_one_id() -> None:
    told = read(
        pulled(
            xml(MOTION, {"IsMotion": "false"}, at=at("50:00"), operation="Initialized", source={"Rule": "r"}),
            xml(MOTION, {"IsMotion": "true"}, at=at("51:00"), source={"Rule": "r"}),
            xml(MOTION, {"IsMotion": "true"}, at=at("51:30"), source={"Rule": "other"}),
            xml(MOTION, {"IsMotion": "false"}, at=at("52:00"), source={"Rule": "r"}),
        )
    )
    steps = [(one.phase, one.subject, one.since and one.since.minute) for one in told.sightings]
    assert steps == [("start", "r", 51), ("start", "other", 51), ("end", "r", 51)]
    assert told.sightings[0].id == told.sightings[2].id != told.sightings[1].id
    assert told.trouble is None
    assert len(told.decoded) == 4


def test_initialized_is_how_things_are_and_no_event() -> None:
    for value in ("true", "false"):
        told = read(xml(MOTION, {"IsMotion": value}, operation="Initialized").encode())
        assert (told.sightings, told.states, told.counted) == ((), (), "onvif_initialized")


def test_initialized_tells_of_an_end_that_nobody_heard() -> None:
    """The subscription was lost while something went on."""
    lives = Lives()
    begun = read(xml(MOTION, {"IsMotion": "1"}, at=at("50:00")).encode(), lives=lives).sightings
    over = read(xml(MOTION, {"IsMotion": "0"}, at=at("55:00"), operation="Initialized").encode(), lives=lives).sightings
    assert [one.phase for one in (*begun, *over)] == ["start", "end"]
    assert begun[0].id == over[0].id


def test_a_property_that_is_deleted_has_ended() -> None:
    lives, topic, rule = Lives(), "tns1:RuleEngine/LoiteringDetector/ObjectIsLoitering", {"Rule": "bench"}
    data = {"ObjectId": "4", "Since": at("40:00")}
    (start,) = read(xml(topic, data, at=at("50:00"), source=rule).encode(), lives=lives).sightings
    (end,) = read(xml(topic, data, at=at("51:00"), source=rule, operation="Deleted").encode(), lives=lives).sightings
    assert (start.kind, start.phase, start.track, end.phase) == ("loitering", "start", "4", "end")
    assert start.id == end.id
    assert start.since is not None
    assert start.since.minute == 40, "since when the camera says it loiters"


def test_a_line_is_crossed_once_and_its_object_is_described() -> None:
    thing = {"Object": {"@ObjectId": "15", "Appearance": {
        "Class": {"Type": {"#text": "Human", "@Likelihood": 0.8}},
        "Shape": {"BoundingBox": {"@left": "-0.2", "@top": "0.2", "@right": "0.2", "@bottom": "-0.6"}}}}}  # fmt: skip
    payload = ej({"ObjectId": "15", "Direction": "Left", "Object": thing}, Rule="gate")
    told = read(payload, "cam-1/onvif-ej/RuleEngine/LineDetector/Crossed/&1/gate")
    (seen,) = told.sightings
    assert (seen.kind, seen.phase, seen.subject, seen.track) == ("line_crossed", "moment", "gate", "15")
    assert (seen.object_class, seen.score, seen.direction) == ("person", 0.8, "Left")
    assert seen.box == (0.4, 0.4, 0.2, 0.4)
    assert read(payload, "x/onvif-ej/RuleEngine/LineDetector/Crossed/&1/gate").sightings == told.sightings
    other = ej({"ObjectId": "16"}, Rule="gate")
    assert read(other, "x/onvif-ej/RuleEngine/LineDetector/Crossed/&1/gate").sightings[0].id != seen.id


def test_a_line_that_is_told_as_a_truth_value_is_crossed_when_it_becomes_true() -> None:
    topic = "tns1:RuleEngine/CellMotionDetector/LineCross"
    assert len(read(xml(topic, {"IsLineCross": "true"}).encode()).sightings) == 1
    assert read(xml(topic, {"IsLineCross": "false"}).encode()).sightings == ()


@pytest.mark.parametrize(
    ("topic", "data", "state"),
    [
        ("tns1:RuleEngine/TamperDetector/Tamper", {"IsTamper": "true"}, "covered"),
        ("tns1:VideoSource/GlobalSceneChange/ImagingService", {"State": "true"}, "moved"),
        ("tns1:VideoSource/ImageTooDark/ImagingService", {"State": "1"}, "dark"),
        ("tns1:VideoSource/SignalLoss", {"State": "true"}, "silent"),
        ("tns1:VideoSource/tnsaxis:Tampering", {"channel": "1", "tampering": "1"}, "covered"),
        ("tns1:RuleEngine/TamperDetector/Tamper", {"IsTamper": "false"}, "live"),
    ],
)
def test_what_a_camera_says_of_its_picture_is_its_state(topic: str, data: dict[str, str], state: str) -> None:
    told = read(xml(topic, data).encode())
    assert told.sightings == ()
    assert [(one.camera, one.state) for one in told.states] == [("cam-1", state)]


def test_counts_are_told_with_their_number() -> None:
    (seen,) = read(ej({"Count": "17"}, Rule="Counter 4"), "B/onvif-ej/RuleEngine/CountAggregation/Counter/&1").sightings
    assert (seen.kind, seen.count, seen.subject, seen.phase) == ("object_count", 17, "Counter 4", "moment")
    axis = b"""{"topic": "axis:CameraApplicationPlatform/ObjectAnalytics/Device1Scenario1", "timestamp": 1795309170000,
        "message": {"source": {}, "key": {}, "data": {"reason": "car", "total": "21093"}}}"""
    (seen,) = read(axis).sightings
    assert (seen.count, seen.subject) == (21093, "Device1Scenario1")


def test_detected_classes_go_on_until_the_list_is_empty() -> None:
    topic, lives = "x/onvif-ej/RuleEngine/ObjectDetection/Object/&1", Lives()
    (start,) = read(ej({"ClassTypes": "Vehicle"}, at=at("50:00"), Rule="r"), topic, lives=lives).sightings
    (end,) = read(ej({"ClassTypes": ""}, at=at("51:00"), Rule="r"), topic, lives=lives).sightings
    assert (start.object_class, start.phase, end.phase, start.id) == ("vehicle", "start", "end", end.id)


def test_a_track_s_messages_share_one_id_without_any_memory() -> None:
    topic = "x/onvif-ej/RuleEngine/ObjectTrack/Aggregation/&1"
    thing = {"@ObjectId": "3", "Appearance": {"Class": {"Type": "Car"}}}
    data = {"AggregationStart": at("50:00"), "Object": thing}
    steps = [
        read(ej(data | more, at=at(clock)), topic).sightings[0]
        for clock, more in (("50:00", {}), ("50:30", {}), ("51:00", {"Final": "true"}))
    ]
    assert [one.phase for one in steps] == ["start", "update", "end"]
    assert len({one.id for one in steps}) == 1
    assert {one.object_class for one in steps} == {"vehicle"}


def test_a_recorder_s_channels_are_cameras_of_their_own() -> None:
    known = {"NVR-1/ch2": Eye(code="cam-2", centre="hoi-an"), "NVR-1": Eye(code="cam-9", centre="hoi-an")}
    speaker = Speaker(code="bridge", find=known.get)
    payload = ej({"State": "true"}, VideoSourceToken="ch2")
    (seen,) = read(payload, "NVR-1/onvif-ej/VideoSource/MotionAlarm/&ch2", speaker).sightings
    assert seen.stamp.source == "cam-2"
    (seen,) = read(payload, "site/NVR-1/onvif-ej/VideoSource/MotionAlarm", speaker).sightings
    assert seen.stamp.source == "cam-9"
    told = read(payload, "NVR-7/onvif-ej/VideoSource/MotionAlarm", speaker)
    assert told.trouble is not None
    assert told.trouble.code == "unknown_camera"
    assert "no camera nvr-7-ch2 or nvr-7 or ch2 is registered under bridge; register it" in told.trouble.reason


def test_a_time_that_is_not_believed_is_refused_and_a_known_clock_error_taken_off() -> None:
    late = xml(MOTION, {"IsMotion": "1"}, at="2031-01-01T00:00:00Z").encode()
    told = read(late)
    assert told.trouble is not None
    assert told.trouble.code == "date"
    assert read(xml(MOTION, {"IsMotion": "1"}, at="0000-00-00T00:00:00Z").encode()).trouble is not None
    ahead = dt.timedelta(seconds=40)
    (seen,) = read(xml(MOTION, {"IsMotion": "1"}, at=at("59:30")).encode(), clock_ahead=ahead).sightings
    assert (seen.stamp.at.minute, seen.stamp.at.second) == (58, 50)


def test_one_bad_message_costs_no_other() -> None:
    told = read(pulled(xml(MOTION, {"IsMotion": "1"}, at="never"), xml(MOTION, {"IsMotion": "1"})))
    assert len(told.sightings) == 1
    assert told.trouble is not None


@given(st.binary(max_size=200), st.text(max_size=30))
def test_any_bytes_on_any_topic_are_answered(payload: bytes, topic: str) -> None:
    told = read(payload, topic)
    assert told.trouble is not None or told.decoded is not None


def test_real_messages_of_cameras() -> None:
    """Each is read; of what changed, motion is what they tell."""
    folder = real_examples("messages/onvif")
    if folder is None:
        pytest.skip("the real messages are not on this machine")
    kinds = {}
    for path in sorted(folder.glob("*.xml")):
        told = read(path.read_bytes(), believes=lambda at, now: True)
        kinds[path.stem] = [(one.kind, one.phase) for one in told.sightings]
        answers = path.stem.startswith(("bosch", "axis_event_instance")) or "date" in path.stem or "create" in path.stem
        assert (told.trouble is not None) == answers, path.stem
    assert {name: found for name, found in kinds.items() if found} == {
        "axis_pir_change": [("motion", "start")],
        "axis_vmd4_any_change": [("motion", "start")],
        "axis_vmd4_c1p1_change": [("motion", "start")],
    }
