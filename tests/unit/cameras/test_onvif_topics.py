"""Facts about what an ONVIF topic means, of whichever maker."""

from typing import Any

import pytest

from cameras.onvif_topics import Meaning, local_topic, meaning_of, state_in


@pytest.mark.parametrize(
    ("topic", "style", "word", "about"),
    [
        ("tns1:VideoSource/MotionAlarm", "lasts", "motion", ""),
        ("tns1:RuleEngine/CellMotionDetector/Motion", "lasts", "motion", ""),
        ("tns1:RuleEngine/MotionRegionDetector/Motion", "lasts", "motion", ""),
        ("tns1:RuleEngine/tnsaxis:VMD3/vmd3_video_1", "lasts", "motion", ""),
        ("tnsaxis:CameraApplicationPlatform/VMD/Camera1ProfileANY", "lasts", "motion", ""),
        ("tnsaxis:CameraApplicationPlatform/MotionGuard/Camera1Profile1", "lasts", "motion", ""),
        ("tns1:VideoAnalytics/tnssamsung:MotionDetection", "lasts", "motion", ""),
        ("tns1:Device/tnsaxis:Sensor/PIR", "lasts", "motion", ""),
        ("tns1:RuleEngine/LineDetector/Crossed", "moment", "line_crossed", ""),
        ("tns1:RuleEngine/CellMotionDetector/LineCross", "moment", "line_crossed", ""),
        ("tnsaxis:CameraApplicationPlatform/FenceGuard/Camera1Profile1", "moment", "line_crossed", ""),
        ("tns1:RuleEngine/FieldDetector/ObjectsInside", "lasts", "zone_presence", ""),
        ("tns1:RuleEngine/IntrusionDetector/Intrusion", "lasts", "zone_presence", ""),
        ("tns1:RuleEngine/LoiteringDetector/ObjectIsLoitering", "lasts", "loitering", ""),
        ("tnsaxis:CameraApplicationPlatform/LoiteringGuard/Camera1Profile1", "lasts", "loitering", ""),
        ("tns1:RuleEngine/CountAggregation/Counter", "counts", "object_count", ""),
        ("RuleEngine/CountAggregation/OccupancyCounter", "counts", "occupancy", ""),
        ("IVA/IdleObject/Idle_Truck", "lasts", "stopped", "vehicle"),
        ("IVA/CrowdDetection/Crowd Detection", "lasts", "crowd", ""),
        ("tns1:RuleEngine/ObjectAbandoned", "lasts", "left_object", ""),
        ("tns1:RuleEngine/ObjectRemoved", "lasts", "object_removed", ""),
        ("tns1:RuleEngine/WrongDirection", "moment", "wrong_way", ""),
        ("tns1:RuleEngine/RegionEntrance/Detector", "moment", "zone_entered", ""),
        ("tns1:RuleEngine/RegionExiting/Detector", "moment", "zone_left", ""),
        ("tnsaxis:CameraApplicationPlatform/ObjectAnalytics/Device1Scenario1", "lasts", "object_detected", ""),
        ("tns1:RuleEngine/ObjectDetection/Object", "lasts", "object_detected", ""),
        ("tns1:RuleEngine/MyRuleDetector/PeopleDetect", "lasts", "object_detected", "person"),
        ("tns1:RuleEngine/MyRuleDetector/VehicleDetect", "lasts", "object_detected", "vehicle"),
        ("tns1:RuleEngine/MyRuleDetector/DogCatDetect", "lasts", "object_detected", "animal"),
        ("tns1:RuleEngine/CellMotionDetector/People", "lasts", "object_detected", "person"),
        ("tns1:RuleEngine/CellMotionDetector/TpSmartEvent", "lasts", "object_detected", ""),
        ("tns1:UserAlarm/IVA/HumanShapeDetect", "lasts", "object_detected", "person"),
        ("tnsaxis:CameraApplicationPlatform/ObjectAnalytics/xinternal_data", "nothing", "housekeeping", ""),
        ("tns1:Device/Trigger/DigitalInput", "lasts", "digital_input", ""),
        ("tns1:Device/tns1:Trigger/tns1:DigitalInput", "lasts", "digital_input", ""),
        ("tns1:Device/tnsaxis:IO/Port", "lasts", "digital_input", ""),
        ("tns1:AudioAnalytics/Audio/DetectedSound", "lasts", "sound", ""),
        ("tns1:AudioSource/tnsaxis:TriggerLevel", "lasts", "sound", ""),
        ("tns1:RuleEngine/TamperDetector/Tamper", "state", "covered", ""),
        ("tns1:VideoSource/tnsaxis:Tampering", "state", "covered", ""),
        ("tns1:VideoSource/GlobalSceneChange/ImagingService", "state", "moved", ""),
        ("tns1:VideoSource/ImageTooDark/AnalyticsService", "state", "dark", ""),
        ("tns1:VideoSource/ImageTooBright/ImagingService", "state", "glare", ""),
        ("tns1:VideoSource/ImageTooBlurry/RecordingService", "state", "blurred", ""),
        ("tns1:VideoSource/SignalLoss", "state", "silent", ""),
        ("tns1:RuleEngine/Recognition/LicensePlate", "nothing", "personal", ""),
        ("tns1:RuleEngine/Recognition/Face", "nothing", "personal", ""),
        ("tns1:PTZController/tnsaxis:Move/Channel_1", "nothing", "moves", ""),
        ("tns1:VideoSource/tnsaxis:DayNightVision", "nothing", "light", ""),
        ("tns1:Device/Trigger/Relay", "nothing", "outputs", ""),
        ("tns1:Monitoring/ProcessorUsage", "nothing", "housekeeping", ""),
        ("tns1:RecordingConfig/JobState", "nothing", "housekeeping", ""),
        ("tns1:Acme/Nobody/Knows", "nothing", "unknown", ""),
        ("tns1:RuleEngine/acme:SmokeDetector/Smoke-2", "lasts", "smoke_2", ""),
    ],
)
def test_topics_of_the_standard_and_of_makers(topic: str, style: Any, word: str, about: str) -> None:
    assert meaning_of(local_topic(topic), {}) == Meaning(style, word, about)


@pytest.mark.parametrize(
    ("data", "word"),
    [
        ({"IsMotion": "true"}, "motion"), ({"IsInside": "1"}, "zone_presence"), ({"ObjectId": "15"}, "line_crossed"),
        ({"Count": "3"}, "object_count"), ({"ObjectId": "3", "Since": "…"}, "loitering"),
        ({"IsTamper": "1"}, "covered"),
        ({"Other": "1"}, "unknown"),
    ],
)  # fmt: skip
def test_without_a_topic_the_names_of_the_data_tell(data: dict[str, str], word: str) -> None:
    assert meaning_of("", data).word == word


@pytest.mark.parametrize(
    ("data", "holds"),
    [
        ({"IsMotion": "true"}, True), ({"State": "0"}, False), ({"active": 1}, True),
        ({"LogicalState": "inactive"}, False),
        ({"IsPeople": True}, True), ({"ObjectId": "0"}, None), ({}, None), ({"Odd": "true"}, True),
        ({"Odd": "7"}, None),
        ({"triggered": "1"}, True), ({"objectId": "1", "active": "0", "classTypes": "human"}, False),
        ({"Count": "1"}, None),
    ],
)  # fmt: skip
def test_the_item_that_says_whether_it_holds(data: dict[str, Any], holds: bool | None) -> None:
    assert state_in(data) is holds


def test_prefixes_and_blanks_are_no_part_of_a_topic() -> None:
    assert local_topic("\n  tns1:Device/tnsaxis:IO/ Port \n") == "Device/IO/Port"
