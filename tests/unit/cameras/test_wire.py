"""Facts about what goes over the pipe."""

import contextlib
import io

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cameras.camera import Address, Camera
from cameras.health import State
from cameras.wire import LARGEST, Became, Orders, Pulse, Saw, Shown, framed, length_of, read_command, report_of

CAMERA = Camera(code="cam-x1", centre="quang-nam", address=Address("rtsp://u:p@h/x"), scene="street")
reports = st.one_of(
    st.builds(Became, camera=st.text(), state=st.sampled_from(State), reason=st.text(), age_s=st.floats(0, 1e6)),
    st.builds(Shown, camera=st.text(), jpeg=st.binary(), age_s=st.floats(0, 1e6)),
    st.builds(Pulse, dropped=st.integers(0, 2**40)),
    st.builds(
        Saw,
        camera=st.text(),
        sequence=st.integers(0, 2**40),
        kind=st.sampled_from(["line_crossed", "zone_entered"]),
        subject=st.text(),
        direction=st.text(),
        track=st.text(),
        box=st.tuples(*[st.floats(0, 1)] * 4),
        jpeg=st.none() | st.binary(),
    ),
)


@given(report=reports)
def test_a_report_arrives_as_it_was_sent(report: Saw | Became | Shown | Pulse) -> None:
    """Behind its exact length."""
    message = framed(report)
    assert length_of(message[:4]) == len(message) - 4
    assert report_of(message[4:]) == report


@given(body=st.binary(max_size=64))
def test_nonsense_is_an_error_and_nothing_else(body: bytes) -> None:
    """Whatever a broken worker writes."""
    with contextlib.suppress(msgspec.MsgspecError):
        report_of(body)


def test_orders_hold_the_address_and_arrive_whole_or_not_at_all() -> None:
    """A pipe that closes midway gives no orders."""
    message = framed(Orders(cameras=(CAMERA,)))
    orders = read_command(io.BytesIO(message))
    assert isinstance(orders, Orders)
    assert orders.cameras == (CAMERA,)
    for length in range(len(message)):
        assert read_command(io.BytesIO(message[:length])) is None


def test_nothing_is_larger_than_the_bound() -> None:
    """Neither sent nor believed."""
    with pytest.raises(ValueError, match="over the bound"):
        framed(Shown(camera="c", jpeg=bytes(LARGEST)))
    with pytest.raises(ValueError, match="over the bound"):
        length_of(b"\xff\xff\xff\xff")
