"""Facts about how streams are opened; what a whole stream does is in test_stream.py."""

import errno
import socket

import pytest

from cameras.camera import Address
from cameras.dial import _knock, about
from cameras.health import State


def test_an_address_chooses_what_may_be_spoken() -> None:
    """No stream leads to another protocol, no file to the network."""
    form, options = about(Address("rtsp://h/x"), "udp")
    assert (form, options["rtsp_transport"]) == ("rtsp", "udp")
    form, options = about(Address("http://h/x"), "tcp")
    assert form == "mpjpeg"
    assert "file" not in options["protocol_whitelist"]
    assert about(Address("file:///a.mp4"), "tcp")[1]["protocol_whitelist"] == "file"


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (OSError(errno.EHOSTUNREACH, "no route"), State.UNREACHABLE),
        (OSError(errno.ENETUNREACH, "no net"), State.UNREACHABLE),
        (TimeoutError(), State.UNREACHABLE),
        (socket.gaierror(-2, "unknown name"), State.UNREACHABLE),
        (ConnectionRefusedError(), State.REFUSED),
        (ConnectionResetError(), State.REFUSED),
    ],
)
def test_why_there_is_no_connection_has_its_name(error: OSError, state: State) -> None:
    """A network that does not lead there is not a camera that refuses."""

    def connect(*_: object, **__: object) -> socket.socket:
        raise error

    failure = _knock(Address("rtsp://u:p@10.9.8.7/x"), "10.9.8.7:554", late=True, connect=connect)
    assert failure.state is state
    assert "10.9.8.7:554" in failure.reason
