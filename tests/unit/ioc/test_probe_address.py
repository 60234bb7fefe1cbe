"""What people type as a camera's address."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cameras.soap import Account
from ioc.probe_address import moved_of, stream_of, wanted_of, with_account


@pytest.mark.parametrize(
    ("typed", "port", "host", "onvif", "stream"),
    [
        ("10.20.0.7", None, "10.20.0.7", "http://10.20.0.7/onvif/device_service", ""),
        (" 10.20.0.7:8000 ", None, "10.20.0.7", "http://10.20.0.7:8000/onvif/device_service", ""),
        ("gate.local", 8899, "gate.local", "http://gate.local:8899/onvif/device_service", ""),
        ("fd00::7", None, "fd00::7", "http://[fd00::7]/onvif/device_service", ""),
        ("[fd00::7]:81", None, "fd00::7", "http://[fd00::7]:81/onvif/device_service", ""),
        ("https://h/onvif/x?y=1", None, "h", "https://h/onvif/x?y=1", ""),
        ("rtsp://h:8554/a?b=1#c", None, "h", "http://h/onvif/device_service", "rtsp://h:8554/a?b=1"),
        ("rtsp://[fd00::7]/a", 81, "fd00::7", "http://[fd00::7]:81/onvif/device_service", "rtsp://[fd00::7]/a"),
    ],
)
def test_a_host_a_service_or_a_stream(typed: str, port: int | None, host: str, onvif: str, stream: str) -> None:
    one = wanted_of(typed, port=port)
    assert (one.host, one.onvif, one.stream, one.account) == (host, onvif, stream, None)


def test_an_account_in_the_address_counts_where_none_is_given_apart() -> None:
    one = wanted_of("rtsp://u:p%20w@h/a")
    assert one.account == Account("u", "p w")
    assert one.stream == "rtsp://h/a"
    assert wanted_of("rtsp://u:p@h/a", "v", "w").account == Account("v", "w")
    assert wanted_of("u:p@h").account == Account("u", "p")
    assert "p w" not in repr(one)


@pytest.mark.parametrize(
    "typed",
    ["", " ", "file:///etc/passwd", "ftp://h/", "http://", "rtsp:///x", "http://h:0/", "http://h:99999/", "http://[::1",
     "http://h/a b", "http://h\\@x/", "http://h/\u0007", "x" * 2000, "javascript:x", "unix:///x", "data:,x"],
)  # fmt: skip
def test_what_is_none_is_refused_without_being_repeated(typed: str) -> None:
    with pytest.raises(ValueError, match="it is no") as raised:
        wanted_of(typed)
    assert "passwd" not in str(raised.value)


@given(st.text(max_size=40) | st.text("rtsphi:/@[].%0a", max_size=40))
def test_any_text_is_read_or_refused(typed: str) -> None:
    try:
        assert wanted_of(typed).host
    except ValueError:
        return


@pytest.mark.parametrize(
    ("named", "host", "stream"),
    [
        ("rtsp://192.168.1.201/t?p=0&line=1", "10.20.0.7", "rtsp://10.20.0.7/t?p=0&line=1"),
        ("RTSP://u:p@192.168.1.201:8554/a", "fd00::7", "rtsp://[fd00::7]:8554/a"),
    ],
)
def test_a_stream_is_looked_for_on_the_host_that_was_asked(named: str, host: str, stream: str) -> None:
    assert stream_of(named, host) == stream


@pytest.mark.parametrize("named", ["", "http://h/a", "file:///etc/passwd", "rtsp:///a", "rtsp://h:0/", "rtsp://[h/"])
def test_what_is_no_stream_is_refused(named: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        stream_of(named, "10.20.0.7")


def test_a_picture_is_looked_for_there_too() -> None:
    assert moved_of("http://u:p@192.168.1.9:81/s.jpg?x=1", "10.20.0.7") == "http://10.20.0.7:81/s.jpg?x=1"
    for wrong in ("", "file:///etc/passwd", "http://[h/", "http://h:99999/"):
        assert moved_of(wrong, "10.20.0.7") == ""


def test_an_account_is_written_so_that_it_is_read_again() -> None:
    assert with_account("rtsp://h:1/a", Account("u@x", "p/w:")) == "rtsp://u%40x:p%2Fw%3A@h:1/a"
    assert with_account("rtsp://h/a", None) == "rtsp://h/a"
