"""Facts about ONVIF's events out of XML, onvif-ej and Axis' event bridge."""

import contextlib
import datetime as dt
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cameras.onvif_notices import NoticeError, flat, notices_of, taken_apart
from tests.fakes.eyes import ej, pulled, xml
from tests.fakes.things import NOW

AT = NOW - dt.timedelta(seconds=30)


def test_a_pulled_message_is_read_whatever_its_prefixes_are() -> None:
    message = xml("tns1:RuleEngine/LineDetector/Crossed", {"ObjectId": "15"}, source={"Rule": "Fence"}, prefix="ns7")
    (notice,) = notices_of(pulled(message))
    assert (notice.topic, notice.at, notice.operation) == ("RuleEngine/LineDetector/Crossed", AT, "Changed")
    assert (notice.source, notice.data) == ({"Rule": "Fence"}, {"ObjectId": "15"})
    assert notices_of(message.encode()) == [notice], "one message alone, too"


def test_one_answer_may_hold_many_and_one_holder_several() -> None:
    one = xml("a/b", {"State": "1"})
    assert len(notices_of(pulled(one, one, one))) == 3
    inner = one[one.index("<s:Message ") : one.index("</s:Message>") + len("</s:Message>")]
    assert len(notices_of(one.replace(inner, inner + inner).encode())) == 2


def test_an_element_of_a_foreign_namespace_is_no_event() -> None:
    foreign = xml("a/b", {"State": "1"}).replace("http://docs.oasis-open.org/wsn/b-2", "urn:other")
    with pytest.raises(NoticeError, match="no NotificationMessage"):
        notices_of(foreign.encode())


def test_an_answer_without_messages_is_understood() -> None:
    assert notices_of(pulled()) == []
    assert notices_of(b'<tt:MetadataStream xmlns:tt="http://www.onvif.org/ver10/schema"/>') == []


def test_the_specification_s_own_example_of_json() -> None:
    """ONVIF Core, "JSON Event Payload"."""
    topic = "MyDevice/onvif-ej/RuleEngine/LineDetector/Crossed/&1/2/MyImportantFence1"
    payload = ej({"ObjectId": "15"}, VideoSource="1", AnalyticsConfiguration="2", Rule="MyImportantFence1")
    (notice,) = notices_of(payload, topic)
    assert (notice.topic, notice.producer) == ("RuleEngine/LineDetector/Crossed", "MyDevice")
    assert (notice.source["Rule"], notice.data, notice.at) == ("MyImportantFence1", {"ObjectId": "15"}, AT)


def test_axis_event_bridge_carries_its_topic_itself() -> None:
    said = {
        "topic": "axis:CameraApplicationPlatform/ObjectAnalytics/Device1ScenarioANY",
        "timestamp": int(AT.timestamp() * 1000),
        "serial": "B8A44F000000",
        "message": {"source": {}, "key": {}, "data": {"objectId": "3", "active": "1", "classTypes": "human"}},
    }
    (notice,) = notices_of(json.dumps(said).encode())
    assert notice.topic == "CameraApplicationPlatform/ObjectAnalytics/Device1ScenarioANY"
    assert (notice.at, notice.producer, notice.data["active"]) == (AT, "B8A44F000000", "1")


@pytest.mark.parametrize(
    ("topic", "apart"),
    [
        ("cam-7/onvif-ej/RuleEngine/CellMotionDetector/Motion/&1/2", ("cam-7", "RuleEngine/CellMotionDetector/Motion")),
        ("a/b/onvif-ej/Device/tns1:Trigger/tns1:Relay/&R-1", ("a/b", "Device/Trigger/Relay")),
        ("onvif-ej/Device/HardwareFailure/acme:LensFailure", ("", "Device/HardwareFailure/LensFailure")),
        ("axis/B8A4/event/tns:axis/CameraApplicationPlatform/X/$source/zone/1",
         ("axis/B8A4", "CameraApplicationPlatform/X")),
        ("axis/B8A4/event/tns:onvif/Device/tns:axis/IO/Port", ("axis/B8A4", "Device/IO/Port")),
        ("RuleEngine/LineDetector/Crossed", ("", "RuleEngine/LineDetector/Crossed")),
        ("", ("", "")),
    ],
)  # fmt: skip
def test_an_mqtt_topic_is_taken_apart(topic: str, apart: tuple[str, str]) -> None:
    assert taken_apart(topic) == apart


def test_lists_of_names_and_values_are_read_like_members() -> None:
    """Hanwha sends both forms."""
    listed = {"SimpleItem": [{"Name": "State", "Value": "true"}, {"@Name": "Rule", "@Value": "r"}]}
    assert flat(listed) == {"State": "true", "Rule": "r"}
    assert flat({"SimpleItem": {"Name": "State", "Value": "true"}}) == {"State": "true"}
    assert flat(None) == {}


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (b"", "empty"), (b"  ", "empty"), (b"{", "not_json"), (b"\xff\xfe", "not_json"), (b"3", "schema"),
        (b'{"a": 1}', "schema"), (b"[3]", "schema"), (b"<a>", "not_xml"), (b"<GetProfilesResponse/>", "schema"),
        (b"{}" + b" " * 300_000, "too_big"), (b"[" + b"{}," * 1200 + b"{}]", "too_big"),
        (b"<!DOCTYPE a><a/>", "not_xml"), (b"[" * 5000, "not_json"),
        (b'<e:Fault xmlns:e="http://www.w3.org/2003/05/soap-envelope"><e:Reason><e:Text>no</e:Text></e:Reason></e:Fault>',
         "fault"),
    ],
)  # fmt: skip
def test_what_holds_no_event_is_refused_with_a_reason(payload: bytes, code: str) -> None:
    with pytest.raises(NoticeError) as refusal:
        notices_of(payload)
    assert refusal.value.code == code
    assert str(refusal.value)


NAMES = ["UtcTime", "Source", "Data", "topic", "payload", "message", "SimpleItem"]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner),
    max_leaves=12,
)


@given(JSON, st.text(max_size=20))
def test_any_json_on_any_topic_is_read_or_refused(said: object, topic: str) -> None:
    with contextlib.suppress(NoticeError):
        for notice in notices_of(json.dumps(said).encode(), topic):
            assert notice.told()
