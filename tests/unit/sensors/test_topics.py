"""Topics: only ioc/v1/{centre}/{device}/{channel} of a registered device is taken."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.stamp import is_code
from sensors.topics import CHANNELS, ForeignTopicError, address_of, registered, topic_of
from tests.fakes.things import device

CODES = st.from_regex(r"[a-z0-9][a-z0-9-]{1,62}", fullmatch=True)


@given(CODES, CODES, st.sampled_from(sorted(CHANNELS)))
def test_a_topic_that_we_make_is_read_back(centre: str, source: str, channel: str) -> None:
    address = address_of(topic_of(centre, source, channel))
    assert (address.centre, address.device, address.channel) == (centre, source, channel)


def test_only_the_channel_in_may_have_further_levels() -> None:
    assert address_of("ioc/v1/quang-nam/gw-1/in/application/1/device/2/event/up").channel == "in"
    with pytest.raises(ForeignTopicError):
        address_of("ioc/v1/quang-nam/gauge-1/readings/more")


@pytest.mark.parametrize(
    "topic",
    [
        "",
        "/",
        "////",
        "ioc",
        "ioc/v1",
        "ioc/v1/quang-nam",
        "ioc/v1/quang-nam/gauge-1",
        "ioc/v1/quang-nam/gauge-1/",
        "ioc/v1//gauge-1/readings",
        "ioc/v1/quang-nam//readings",
        "/ioc/v1/quang-nam/gauge-1/readings",
        "ioc/v1/quang-nam/gauge-1/readings/",
        "ioc/v2/quang-nam/gauge-1/readings",
        "IOC/v1/quang-nam/gauge-1/readings",
        "ioc/v1/+/gauge-1/readings",
        "ioc/v1/#",
        "ioc/v1/quang-nam/gauge-1/#",
        "ioc/v1/quang-nam/../readings",
        "ioc/v1/quảng-nam/gauge-1/readings",
        "ioc/v1/quang-nam/gauge-1\u0000/readings",
        "ioc/v1/quang-nam/gauge-1/Readings",
        "ioc/v1/quang-nam/gauge-1/commands",
        "$SYS/broker/uptime",
        "ioc/v1/" + "a" * 64 + "/gauge-1/readings",
    ],
)
def test_a_misspelt_or_foreign_topic_is_refused_with_a_reason(topic: str) -> None:
    with pytest.raises(ForeignTopicError) as refused:
        address_of(topic)
    assert refused.value.code == "topic"
    assert str(refused.value)


@given(st.text())
def test_any_text_is_an_address_of_valid_codes_or_refused(topic: str) -> None:
    try:
        address = address_of(topic)
    except ForeignTopicError:
        return
    assert is_code(address.centre)
    assert is_code(address.device)
    assert address.channel in CHANNELS


def test_an_unknown_device_is_refused_and_told_how_to_be_heard() -> None:
    with pytest.raises(ForeignTopicError, match="register") as refused:
        registered(address_of("ioc/v1/quang-nam/gauge-x/readings"), {})
    assert refused.value.code == "unknown_device"


def test_a_device_under_a_centre_that_is_not_its_own_is_refused() -> None:
    known = {"gauge-1": device("gauge-1", centre="thang-binh")}
    with pytest.raises(ForeignTopicError, match="thang-binh") as refused:
        registered(address_of("ioc/v1/quang-nam/gauge-1/readings"), known)
    assert refused.value.code == "wrong_centre"
    assert registered(address_of("ioc/v1/thang-binh/gauge-1/readings"), known) is known["gauge-1"]


def test_a_device_that_moved_may_speak_under_its_former_centre_and_no_other() -> None:
    known = {"gauge-1": msgspec.structs.replace(device("gauge-1", centre="thang-binh"), former=("hoi-an",))}
    for centre in ("thang-binh", "hoi-an"):
        assert registered(address_of(f"ioc/v1/{centre}/gauge-1/readings"), known).centre == "thang-binh"
    with pytest.raises(ForeignTopicError, match="belongs to thang-binh") as refused:
        registered(address_of("ioc/v1/tam-ky/gauge-1/readings"), known)
    assert refused.value.code == "wrong_centre"
