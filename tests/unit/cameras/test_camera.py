"""Facts about cameras and their addresses."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cameras.camera import Address, Camera, GroundPoint, Line, Zone

words = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=8, max_size=12).map("Zq9{}".format)
"""Texts that are no part of a field's name."""


@given(user=words, password=words)
def test_an_address_never_shows_its_secrets(user: str, password: str) -> None:
    """Neither repr, str nor formatting of what holds it."""
    url = f"rtsp://{user}:{password}@10.0.0.9:554/live?token={password}"
    address = Address(url)
    camera = Camera(code="cam-x1", centre="quang-nam", address=address, scene="street")
    for shown in (repr(address), str(address), f"{address}", repr(camera), str([camera])):
        assert password not in shown
        assert user not in shown
    assert address.url == url
    assert password in address.secrets


def test_an_address_shows_where_it_leads() -> None:
    """Host, port and path stay readable; the default port is written out."""
    assert str(Address("rtsp://u:p@10.0.0.9/live?x=1")) == "rtsp://10.0.0.9:554/live"
    assert str(Address("rtsps://u:p@[fe80::1]/a")) == "rtsps://[fe80::1]:322/a"
    assert str(Address("http://u:p@10.0.0.9/mjpg?x=1")) == "http://10.0.0.9:80/mjpg"
    assert str(Address("rtsp://h/user=u_password=p_channel=1.sdp")) == "rtsp://h:554/…"
    assert Address("rtsp://u:p@h/x").account == "u:p"


def test_the_address_of_a_file_is_its_path() -> None:
    """Percent signs are read, and only the name is said."""
    address = Address("file:///clips/a%20yard.mp4")
    assert (address.location, address.place, address.port) == ("/clips/a yard.mp4", "a yard.mp4", 0)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://u:hidden@h/x",
        "u:hidden@h/x",
        "concat:rtsp://u:hidden@h/x",
        "rtsp://u:hidden@h/a b",
        "rtsp://u:hidden@h/\n",
        "file://u:hidden@h/a.mp4",
        "file:a.mp4?hidden",
        "http:///hidden",
        "rtsp://",
        "u:hidden@h",
        "rtsp://u:hidden@h:99999/",
        "rtsp://h:0/",
    ],
)
def test_what_is_no_address_of_a_camera_is_refused_without_its_text(url: str) -> None:
    """The error helps, and does not repeat the secret."""
    with pytest.raises(ValueError, match="rtsp://") as refused:
        Address(url)
    assert "hidden" not in str(refused.value)


def test_a_camera_travels_whole() -> None:
    """What is packed for the worker is unpacked equal."""
    camera = Camera(
        code="cam-x1",
        centre="quang-nam",
        address=Address("rtsp://u:p@h/x"),
        scene="overhead",
        calibration=tuple(GroundPoint(x=x, y=y, lon=108 + x, lat=15 + y) for x in (0, 1) for y in (0, 1)),
        lines=(Line(id="L1", p1=(0, 0.5), p2=(1, 0.5), directions={"up": (0, -1)}, allowed=("up",)),),
        zones=(
            Zone(id="z", polygon=((0, 0), (1, 0), (1, 1))),
            Zone(id="y", polygon=((0, 0), (1, 0), (1, 1)), loiter_s=30, allowed=(0, 1), crowd_share=0.4, left_s=60),
        ),
        detector="/models/m.onnx",
    )
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(camera), type=Camera) == camera


def test_impossible_cameras_cannot_be_built() -> None:
    """A bad code, too few marks, a line without length, a zone without area."""
    address = Address("rtsp://h/x")
    mark = GroundPoint(x=0, y=0, lon=108, lat=15)
    with pytest.raises(ValueError, match="lower case"):
        Camera(code="Cam X", centre="quang-nam", address=address, scene="street")
    with pytest.raises(ValueError, match="4 calibration marks"):
        Camera(code="cam-x", centre="quang-nam", address=address, scene="street", calibration=(mark,))
    with pytest.raises(ValueError, match="no length"):
        Line(id="L1", p1=(0, 0), p2=(0, 0))
    with pytest.raises(ValueError, match="three points"):
        Zone(id="z", polygon=((0, 0), (1, 1)))
    with pytest.raises(ValueError, match=r"allows 'up', which is none of its directions"):
        Line(id="L1", p1=(0, 0), p2=(1, 1), directions={"down": (0, 1)}, allowed=("up",))
    square = ((0, 0), (1, 0), (1, 1))
    for wrong, sentence in (
        ({"loiter_s": 0.0}, "loiter_s of zone z cannot be 0.0: give 1 to 86400 seconds"),
        ({"left_s": float("nan")}, "left_s of zone z cannot be nan"),
        ({"crowd_share": 1.5}, "crowd_share of zone z cannot be 1.5: give a part above 0, up to 1"),
        ({"crowd_share": 0.0}, "crowd_share of zone z"),
        ({"allowed": (0.0, 0.0)}, "allowed of zone z has no length"),
    ):
        with pytest.raises(ValueError, match=sentence):
            Zone(id="z", polygon=square, **wrong)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"0\.\.1"):
        GroundPoint(x=640, y=0, lon=108, lat=15)


def test_an_old_registration_stays_good() -> None:
    """What a zone and a line may ask for beyond was not there."""
    zone = msgspec.convert({"id": "z", "polygon": [[0, 0], [1, 0], [1, 1]]}, Zone)
    assert (zone.loiter_s, zone.allowed, zone.crowd_share, zone.left_s) == (None, None, None, None)
    line = msgspec.convert({"id": "L", "p1": [0, 0], "p2": [1, 1], "directions": {"up": [0, -1]}}, Line)
    assert line.allowed == ()


def test_a_seal_stands_for_the_masks_however_their_numbers_are_written() -> None:
    """It goes over a pipe on one side and not on the other."""

    def seal(*corners: tuple[float, float]) -> str:
        masks = (corners,) if corners else ()
        address = Address("rtsp://h/x")
        return Camera(code="cam-a", centre="quang-nam", address=address, scene="street", masks=masks).seal

    assert seal() == ""
    assert seal((0, 0), (1, 0), (1, 1)) == seal((0.0, 0.0), (1.0, 0.0), (1.0, 1.0)) != ""
    assert seal((0, 0), (1, 0), (1, 1)) != seal((0, 0), (1, 0), (0.9, 1))


@pytest.mark.parametrize("wrong", [float("nan"), float("inf"), 640.0])
def test_a_mask_that_cannot_be_drawn_costs_its_own_camera_alone(wrong: float) -> None:
    """It is refused where the register is read, and not in the worker that it would share with others."""
    masks = (((0.0, 0.0), (1.0, 0.0), (1.0, wrong)),)
    with pytest.raises(ValueError, match="privacy mask of camera cam-a"):
        Camera(code="cam-a", centre="quang-nam", address=Address("rtsp://h/x"), scene="street", masks=masks)
