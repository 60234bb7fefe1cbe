"""A camera is probed by its address: real servers answer as cameras do, and everything that fails has its name."""

import asyncio
import contextlib
import datetime as dt
import io
import re
import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import av
import pytest

from ioc.outbound import Allowed
from ioc.probing import AT_ONCE, TOTAL_S, BusyError, Found, Prober
from tests.fakes.shared import real_examples
from tests.fakes.soap_camera import PASSWORD, USER, soap_camera
from tests.fakes.video import passing
from tests.instruments.film import shoot
from tests.instruments.rtsp import RtspCamera

FILM = shoot(passing(2.0, 10.0, width=320, height=240))
HERE = Allowed.parse("127.0.0.1/32")


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def prober(allowed: Allowed = HERE) -> Prober:
    return Prober(allowed, now)


def failures(found: Found) -> dict[str, str]:
    """The steps that went wrong."""
    return {one.step: one.failure for one in found.steps if not one.ok}


@pytest.fixture
def stream() -> Iterator[RtspCamera]:
    """A camera's RTSP server, with the same account as its ONVIF service."""
    with RtspCamera(FILM, user=USER, password="seen") as camera:
        yield camera


MEDIA = 'xmlns:trt="http://www.onvif.org/ver10/media/wsdl" xmlns:tt="http://www.onvif.org/ver10/schema"'


ANSWERS = {
    "GetDeviceInformation": (
        '<tds:GetDeviceInformationResponse xmlns:tds="http://www.onvif.org/ver10/device/wsdl">'
        "<tds:Manufacturer>Maker &amp; Son</tds:Manufacturer><tds:Model>Eye 5</tds:Model>"
        "<tds:FirmwareVersion>1.2.3</tds:FirmwareVersion><tds:SerialNumber>SN-77</tds:SerialNumber>"
        "</tds:GetDeviceInformationResponse>"
    ),
    "GetCapabilities": (
        '<d:GetCapabilitiesResponse xmlns:d="http://www.onvif.org/ver10/device/wsdl" '
        'xmlns:t="http://www.onvif.org/ver10/schema"><d:Capabilities>'
        "<t:Events><t:XAddr>http://192.168.1.64/onvif/events</t:XAddr></t:Events>"
        "<t:Media><t:XAddr>http://192.168.1.64/onvif/media</t:XAddr></t:Media>"
        "</d:Capabilities></d:GetCapabilitiesResponse>"
    ),
    "GetProfiles": (
        f'<trt:GetProfilesResponse {MEDIA}><trt:Profiles token="main" fixed="true"><tt:Name>Main</tt:Name>'
        "<tt:VideoEncoderConfiguration><tt:Encoding>H265</tt:Encoding><tt:Resolution><tt:Width>2560</tt:Width>"
        "<tt:Height>1440</tt:Height></tt:Resolution><tt:RateControl><tt:FrameRateLimit>25</tt:FrameRateLimit>"
        "</tt:RateControl></tt:VideoEncoderConfiguration></trt:Profiles>"
        '<trt:Profiles token="meta"><tt:MetadataConfiguration token="1"/></trt:Profiles>'
        '<trt:Profiles token="bare"><tt:Name>Bare</tt:Name></trt:Profiles></trt:GetProfilesResponse>'
    ),
    "GetSnapshotUri": (
        f"<trt:GetSnapshotUriResponse {MEDIA}><trt:MediaUri><tt:Uri>http://192.168.1.64/snap.jpg?u=1</tt:Uri>"
        "</trt:MediaUri></trt:GetSnapshotUriResponse>"
    ),
    "GetEventProperties": (
        '<e:GetEventPropertiesResponse xmlns:e="http://www.onvif.org/ver10/events/wsdl" '
        'xmlns:w="http://docs.oasis-open.org/wsn/t-1" xmlns:n="http://www.onvif.org/ver10/topics"><w:TopicSet>'
        '<n:RuleEngine><CellMotionDetector><Motion w:topic="true"/></CellMotionDetector></n:RuleEngine>'
        "</w:TopicSet></e:GetEventPropertiesResponse>"
    ),
    "GetGeoLocation": (
        '<d:GetGeoLocationResponse xmlns:d="http://www.onvif.org/ver10/device/wsdl" '
        'xmlns:t="http://www.onvif.org/ver10/schema"><d:Location><t:GeoLocation lon="108.33" lat="15.88"/>'
        '<t:GeoOrientation yaw="-90"/></d:Location></d:GetGeoLocationResponse>'
    ),
}
"""What a camera of some maker says, whose own address is a private one."""


def answers(stream: str) -> dict[str, str]:
    """The same with the address of its stream."""
    named = f"<trt:GetStreamUriResponse {MEDIA}><trt:MediaUri><tt:Uri>{stream}</tt:Uri></trt:MediaUri>"
    return ANSWERS | {"GetStreamUri": f"{named}</trt:GetStreamUriResponse>"}


@pytest.mark.parametrize("demands", ["none", "wsse", "digest"])
async def test_a_camera_tells_all_that_the_register_wants(demands: str, stream: RtspCamera) -> None:
    """Also one whose clock is an hour off, and that names its private address behind NAT."""
    stream.password = PASSWORD
    named = f"rtsp://192.168.1.64:{stream.port}/live"
    async with soap_camera(demands=demands, ahead=dt.timedelta(hours=1), recorded=answers(named)) as camera:
        found = await prober().probe(f"127.0.0.1:{camera.port}", USER, PASSWORD)
        assert camera.proofs["bad"] == (1 if demands == "digest" else 0)
    assert failures(found) == {"clock": "wrong_clock"}
    assert found.skew_s == pytest.approx(3600, abs=3)
    one = found.information
    assert (one.maker, one.model, one.firmware, one.serial) == ("Maker & Son", "Eye 5", "1.2.3", "SN-77")
    main, bare = found.profiles
    assert (main.name, main.stream) == ("Main", f"rtsp://127.0.0.1:{stream.port}/live")
    assert main.snapshot == "http://127.0.0.1/snap.jpg?u=1"
    assert (main.codec, main.width, main.height) == ("h264", 320, 240), "what was seen counts, not what was said"
    assert main.fps == pytest.approx(10.0, abs=0.5)
    assert bare.name == "Bare"
    assert found.events == ("RuleEngine/CellMotionDetector/Motion",)
    assert found.located is not None
    assert (found.located.lon, found.located.lat, found.located.bearing) == (108.33, 15.88, 270.0)
    with av.open(io.BytesIO(found.picture)) as picture:
        shown = next(picture.decode(video=0))
    assert (shown.width, shown.height) == (320, 240)
    assert found.took_s < 10
    assert PASSWORD not in repr(found)


async def test_a_rate_that_the_look_is_too_short_for_is_told_as_the_camera_has_it() -> None:
    with RtspCamera(shoot(passing(6.0, 1.0), rate=1), user=USER, password=PASSWORD) as slow:
        named = f"rtsp://192.168.1.64:{slow.port}/live"
        async with soap_camera(recorded=answers(named)) as camera:
            found = await prober().probe(f"127.0.0.1:{camera.port}", USER, PASSWORD)
    (picture,) = (one for one in found.steps if one.step == "picture")
    assert picture.ok
    assert picture.facts["fps"] == f"{found.profiles[0].fps:g}"


async def test_a_camera_without_onvif_is_seen_by_its_stream(stream: RtspCamera) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        found = await prober().probe(stream.url(), port=port)
    assert failures(found) == {"reach": "refused"}
    (one,) = found.profiles
    assert (one.stream, one.codec, one.width) == (f"rtsp://127.0.0.1:{stream.port}/live", "h264", 320)
    assert found.picture
    assert "seen" not in repr(found)
    assert stream.refused == 0


async def test_a_wrong_password_is_named_and_hardly_tried(stream: RtspCamera) -> None:
    """Each service is shown it once; cameras lock an account after a few."""
    async with soap_camera(recorded=answers("rtsp://x/")) as camera:
        found = await prober().probe(stream.url(), USER, "wr0ng-guess", camera.port)
        assert camera.proofs == {"good": 0, "bad": 1}
    assert failures(found) == {"identity": "unauthorised", "describe": "unauthorised"}
    assert stream.refused == 1
    assert "wr0ng-guess" not in repr(found)


@contextlib.asynccontextmanager
async def saying(answer: bytes, *, hold: bool = False) -> AsyncIterator[int]:
    """A server that says the same to everybody; its port."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            await reader.read(65536)
            writer.write(answer)
            await writer.drain()
            if hold:
                await reader.read()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


PAGE = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 15\r\n\r\n<html><p></html"


@pytest.mark.parametrize(
    ("answer", "hold", "http", "rtsp"),
    [
        (b"", True, "silent", "silent"),
        (b"\x00\x01garbage\xff" * 20, False, "broken", "garbled"),
        (PAGE, False, "not_onvif", "garbled"),
        (b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", False, "not_onvif", "garbled"),
        (b"HTTP/1.1 302 Go\r\nLocation: http://127.0.0.2/\r\nContent-Length: 0\r\n\r\n", False, "redirect", "garbled"),
        (b"", False, "broken", "garbled"),
    ],
)
async def test_each_failure_has_its_name(answer: bytes, hold: bool, http: str, rtsp: str) -> None:
    async with saying(answer, hold=hold) as port:
        found = await prober().probe(f"rtsp://127.0.0.1:{port}/live", "u", "p", port)
    assert failures(found) == {"clock": http, "describe": rtsp}
    assert found.took_s < 10


@pytest.mark.parametrize(
    ("answer", "named"),
    [
        (b"RTSP/1.0 301 Moved\r\nCSeq: 1\r\nLocation: rtsp://127.0.0.2/\r\n\r\n", "redirect"),
        (b"RTSP/1.0 404 Not Found\r\nCSeq: 1\r\n\r\n", "refused"),
        (b"RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Length: 0\r\n\r\n", "garbled"),
        (b"RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Length: 999999999\r\n\r\n", "garbled"),
    ],
)
async def test_what_a_stream_s_server_refuses_has_its_name(answer: bytes, named: str) -> None:
    async with saying(answer) as port:
        found = await prober().probe(f"rtsp://127.0.0.1:{port}/live", port=1)
    assert failures(found) == {"reach": "refused", "describe": named}


@pytest.mark.parametrize(
    ("address", "named"),
    [("", "address"), ("file:///etc/passwd", "address"), ("rtsp://", "address"), ("http://h:0/", "address"),
     ("10.99.0.1", "not_allowed"), ("rtsp://[::1]/x", "not_allowed"), ("2130706434", "address")],
)  # fmt: skip
async def test_what_may_not_be_called_is_not(address: str, named: str) -> None:
    found = await prober().probe(address)
    assert failures(found) == {"address": named}
    assert found.took_s < 1


async def test_a_camera_that_answers_slowly_is_given_up_in_time(stream: RtspCamera) -> None:
    late = dict.fromkeys(("GetDeviceInformation", "GetServices", "GetProfiles"), 2.8)
    async with soap_camera(demands="none", recorded=answers("rtsp://x/"), late_s=late) as camera:
        began = asyncio.get_running_loop().time()
        found = await prober().probe(camera.url)
        assert asyncio.get_running_loop().time() - began < TOTAL_S + 1
    assert found.took_s < 10
    assert found.information.maker == "Maker & Son"


async def test_a_stream_that_sends_nothing_after_all_is_named(stream: RtspCamera) -> None:
    stream.mood = "mute"
    found = await prober().probe(stream.url(), port=1)
    assert failures(found) == {"reach": "refused", "picture": "silent"}
    assert [one.codec for one in found.profiles] == ["h264"]
    assert found.took_s < 10


async def test_too_many_at_once_have_to_ask_again() -> None:
    async with saying(b"", hold=True) as port, asyncio.TaskGroup() as tasks:
        one = prober()
        running = [
            tasks.create_task(one.probe(f"127.0.0.1:{port}"), name=f"probe-{number}") for number in range(AT_ONCE)
        ]
        await asyncio.sleep(0)
        with pytest.raises(BusyError):
            await one.probe("127.0.0.1")
        await asyncio.wait(running)
    assert (await one.probe("10.99.0.1")).steps


RECORDED = real_examples("messages/onvif")


def recordings(folder: Path) -> dict[str, bytes]:
    """The recorded answers of one camera, by operation."""
    found = {}
    for path in sorted(folder.glob("bosch_*Response.xml")):
        name = re.search(r"_(Get\w+)Response", path.name)
        if name:
            found[name[1]] = path.read_bytes()
    return found


@pytest.mark.skipif(RECORDED is None, reason="the recorded answers of real cameras are not on this machine")
async def test_a_real_camera_s_recorded_answers_are_understood() -> None:
    assert RECORDED is not None
    async with soap_camera(demands="none", whole=recordings(RECORDED)) as camera:
        found = await prober().probe(f"127.0.0.1:{camera.port}", USER, PASSWORD)
    assert (found.information.maker, found.information.model) == ("Bosch", "FLEXIDOME indoor 5100i IR")
    assert [(one.codec, one.width, one.height, one.fps) for one in found.profiles] == [
        ("h264", 1920, 1080, 30.0), ("h264", 1536, 864, 30.0), ("h264", 1280, 720, 30.0), ("h264", 512, 288, 30.0),
    ]  # fmt: skip
    assert found.profiles[0].stream == "rtsp://127.0.0.1/rtsp_tunnel?p=0&line=1&inst=1&vcd=2"
    assert found.profiles[0].snapshot == "http://127.0.0.1/snap.jpg?JpegCam=1"
    assert found.skew_s is not None
    assert found.skew_s < -80_000_000
    assert failures(found)["clock"] == "wrong_clock"
    assert failures(found)["position"] == "not_offered"
