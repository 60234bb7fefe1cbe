"""Facts about pulling a camera's events, against a real HTTP server that answers as cameras do."""

import asyncio
import contextlib
import datetime as dt
import os
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from cameras import onvif
from cameras.foreign import Eye, Speaker
from cameras.onvif_lives import Lives
from cameras.onvif_probe import clock
from cameras.onvif_xml import parse
from cameras.pullpoint import Pace, PullPoint
from cameras.soap import Account
from ioc.outbound import Allowed, Outbound
from tests.fakes.eyes import xml
from tests.fakes.shared import real_examples
from tests.fakes.soap_camera import PASSWORD, USER, SoapCamera, soap_camera

QUICK = Pace(
    answer_s=2.0, poll_s=1.0, first_retry_s=0.01, longest_retry_s=0.05, refused_s=0.2, empty_s=0.01, farewell_s=1.0
)
MOTION = "tns1:VideoSource/MotionAlarm"


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


class Pulled:
    """What a pull point handed over, and itself."""

    def __init__(self, point: PullPoint) -> None:
        self.point = point
        self.got: list[tuple[bytes, dt.timedelta]] = []

    async def take(self, payload: bytes, ahead: dt.timedelta) -> None:
        self.got.append((payload, ahead))


@contextlib.asynccontextmanager
async def pulling(
    camera: SoapCamera, pace: Pace = QUICK, account: Account | None = None, **more: Any
) -> AsyncIterator[Pulled]:
    async with Outbound.open(Allowed.parse("127.0.0.0/8")) as post, asyncio.TaskGroup() as tasks:
        mine = account or Account(USER, PASSWORD)
        point = PullPoint(
            "cam-1", camera.url, mine, post, now=now, nonce=os.urandom, dice=lambda: 0.5, pace=pace, **more
        )
        pulled = Pulled(point)
        task = tasks.create_task(point.run(pulled.take), name="pull")
        try:
            yield pulled
        finally:
            task.cancel()


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not holds():
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("demands", ["none", "wsse", "digest"])
async def test_events_are_pulled_whatever_proof_the_camera_demands(demands: str) -> None:
    """And the camera is told when we go; its wrong address leads to the host that we know."""
    async with soap_camera(demands=demands) as camera:
        async with pulling(camera) as pulled:
            camera.events.put_nowait((xml(MOTION, {"State": "true"}),))
            camera.events.put_nowait((xml(MOTION, {"State": "false"}), xml(MOTION, {"State": "true"})))
            await until(lambda: len(pulled.got) == 2)
        first = ["GetSystemDateAndTime", *["GetCapabilities"] * (2 if demands == "digest" else 1)]
        assert camera.asked[: len(first) + 2] == [*first, "CreatePullPointSubscription", "PullMessages"]
        assert camera.asked[-1] == "Unsubscribe"
        assert set(camera.handed) == {"7"}, "the reference parameters come back with each pull"
        assert pulled.point.failures == 0
        assert camera.proofs["bad"] == (1 if demands == "digest" else 0)
    told = onvif.decode(pulled.got[0][0], "", Speaker(code="c", own=Eye(code="cam-1", centre="hoi-an")), now(), Lives())
    assert [one.kind for one in told.sightings] == ["motion"]


async def test_a_camera_whose_clock_is_wrong_is_asked_by_its_own_time() -> None:
    """Three hours ahead: the proof is made for its clock, and how far it is ahead is told with each answer."""
    async with soap_camera(ahead=dt.timedelta(hours=3)) as camera, pulling(camera) as pulled:
        camera.events.put_nowait((xml(MOTION, {"State": "true"}),))
        await until(lambda: len(pulled.got) == 1)
        assert camera.proofs["bad"] == 0
        assert abs(pulled.got[0][1] - dt.timedelta(hours=3)) < dt.timedelta(seconds=3)


@pytest.mark.parametrize("demands", ["wsse", "digest"])
async def test_a_refused_account_is_not_hammered(demands: str) -> None:
    """Two proofs at most in each try, and ten minutes between two tries: at most 12 an hour."""
    waits: list[float] = []
    held = asyncio.Event()

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) >= 3:
            held.set()
            await asyncio.Event().wait()

    pace = Pace(poll_s=1.0)
    wrong = Account(USER, "wrong")
    async with soap_camera(demands=demands) as camera, pulling(camera, pace, wrong, sleep=sleep) as pulled:
        async with asyncio.timeout(10):
            await held.wait()
        assert pulled.point.failures == 3
        assert pulled.point.proofs == camera.proofs["bad"] == 3 * (2 if demands == "digest" else 1)
    assert waits == [600.0] * 3
    assert 3600 / waits[0] * 2 <= 12


@pytest.mark.parametrize(
    ("operation", "answer"),
    [
        ("PullMessages", (500, "InvalidArgVal")),
        ("PullMessages", (200, "<html>busy</html>")),
        ("PullMessages", (503, "")),
        ("CreatePullPointSubscription", (500, "Receiver")),
        ("CreatePullPointSubscription", (200, "<a/>")),
        ("GetSystemDateAndTime", (500, "ActionNotSupported")),
        ("PullMessages", (200, '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>')),
    ],
)
async def test_a_fault_or_nonsense_ends_in_a_new_subscription(operation: str, answer: tuple[int, str]) -> None:
    async with soap_camera(faults={operation: [answer]}) as camera, pulling(camera) as pulled:
        camera.events.put_nowait((xml(MOTION, {"State": "true"}),))
        await until(lambda: len(pulled.got) == 1)
        assert pulled.point.failures == (0 if operation == "GetSystemDateAndTime" else 1)


async def test_a_subscription_is_renewed_in_time_and_one_that_cannot_be_is_pulled_on() -> None:
    async with soap_camera(lease_s=1.0) as camera, pulling(camera) as pulled:
        await until(lambda: camera.asked.count("Renew") >= 2)
        assert pulled.point.failures == 0
    faults = {"Renew": [(500, "ActionNotSupported")]}
    async with soap_camera(lease_s=1.0, faults=faults) as camera, pulling(camera) as pulled:
        await until(lambda: camera.asked.count("PullMessages") >= 3)
        assert camera.asked.count("Renew") == 1
        assert pulled.point.failures == 0


async def test_a_camera_that_is_away_is_tried_with_a_growing_pause() -> None:
    waits: list[float] = []
    held = asyncio.Event()

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 8:
            held.set()
            await asyncio.Event().wait()

    async with soap_camera() as camera:
        camera.port, port = 1, camera.port
        async with pulling(camera, Pace(), sleep=sleep):
            async with asyncio.timeout(10):
                await held.wait()
        camera.port = port
    assert waits == [0.75 * seconds for seconds in (1, 2, 4, 8, 16, 32, 60, 60)]


async def test_a_camera_that_never_answers_is_left_in_time() -> None:
    async with soap_camera() as camera:
        camera.faults["PullMessages"] = []

        async def hang(_: str) -> str:
            await asyncio.Event().wait()
            return ""

        camera._PullMessages = hang  # type: ignore[method-assign]
        async with pulling(camera, Pace(answer_s=0.2, poll_s=0.2, first_retry_s=0.01, farewell_s=0.5)) as pulled:
            await until(lambda: pulled.point.failures >= 1)


async def test_the_answers_of_real_cameras_are_understood() -> None:
    """Their subscription's address leads elsewhere, their clocks are years behind, their bodies are indented."""
    folder = real_examples("messages/onvif")
    if folder is None:
        pytest.skip("the real messages are not on this machine")
    recorded = {
        "GetSystemDateAndTime": "lumeo_getsystemdateandtime_bodyonly",
        "CreatePullPointSubscription": "lumeo_createpullpoint",
        "PullMessages": "lumeo_pullmessages_cellmotion",
    }
    answers = {name: (folder / f"{file}.xml").read_text() for name, file in recorded.items()}
    async with soap_camera(demands="none", recorded=answers) as camera, pulling(camera) as pulled:
        await until(lambda: len(pulled.got) >= 2)
        assert camera.asked.count("CreatePullPointSubscription") == 1
        assert pulled.got[0][1] < dt.timedelta(days=-365)
    for file, told in (
        ("bosch_flexidome_5100i_02_GetSystemDateAndTimeResponse", dt.datetime(2023, 5, 24, 21, 25, 5, tzinfo=dt.UTC)),
        ("lumeo_getsystemdateandtime_bodyonly", dt.datetime(2019, 11, 21, 8, 5, 40, tzinfo=dt.UTC)),
        ("bosch_flexidome_5100i_01_GetDeviceInformationResponse", None),
    ):
        assert clock(parse((folder / f"{file}.xml").read_bytes())) == told
