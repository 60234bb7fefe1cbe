"""V1: a camera that falls silent is seen and comes back; one that refuses the password is not hammered."""

import asyncio
import contextlib
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from cameras import door
from cameras.health import State
from cameras.warden import Warden
from ioc.watchpost import RefusalsFile
from tests.fakes.video import passing
from tests.instruments.film import shoot
from tests.instruments.posts import Reports, camera, utc_now
from tests.instruments.proxy import Proxy
from tests.instruments.rtsp import Mood, RtspCamera
from tests.instruments.waiting import until

pytestmark = pytest.mark.promise("V1")

SEEN_S, BACK_S = 20.0, 10.0
MOODS: tuple[Mood, ...] = ("mute", "keepalives", "other track", "other type")
FILM = shoot(passing(3.0, 10.0, width=320, height=240))
HOUR = 180.0
"""So many times faster than the clock runs the hour of refusals, unless it may take an hour."""


def live(state: State | None) -> bool:
    """Whether a camera is live."""
    return state is State.LIVE


def away(state: State | None) -> bool:
    """Whether a camera is known not to be live."""
    return state is not State.LIVE


async def frozen(frozen_s: float, tell: Callable[..., None]) -> None:
    """A proxy before the camera carries nothing, keeps every connection and takes new ones; then it thaws."""
    reports = Reports()
    with RtspCamera(FILM) as there, Proxy(there.port) as proxy:
        async with Warden([camera(there.url(proxy.port))], now=utc_now, report=reports):
            await reports.becomes(live, 15)
            proxy.freeze()
            seen_s = await reports.becomes(away, SEEN_S)
            with contextlib.suppress(AssertionError):
                await until(lambda: False, frozen_s, "the end of the frost")
            proxy.through()
            back_s = await reports.becomes(live, 3 * BACK_S)
    tell(frozen_for_s=seen_s + frozen_s, seen_s=seen_s, back_s=back_s)
    assert seen_s < SEEN_S
    assert back_s < BACK_S
    assert {change.state for _, change in reports.changes} == {State.LIVE, State.SILENT}


async def test_a_frozen_network_is_seen_and_the_camera_is_back(tell: Callable[..., None]) -> None:
    """Two installations at once: in one it lasts little longer than it takes to be seen, in the other longer."""
    async with asyncio.TaskGroup() as tasks:
        for frozen_s in (2.0, 25.0):
            tasks.create_task(frozen(frozen_s, tell), name=f"frozen-{frozen_s:.0f}")


async def test_a_half_open_connection_is_seen_and_replaced(tell: Callable[..., None]) -> None:
    """The camera's packets vanish on their way, and nobody says so."""
    reports = Reports()
    with RtspCamera(FILM) as there, Proxy(there.port) as proxy:
        async with Warden([camera(there.url(proxy.port))], now=utc_now, report=reports):
            await reports.becomes(live, 15)
            proxy.half_open("down")
            seen_s = await reports.becomes(away, SEEN_S)
            proxy.through()
            back_s = await reports.becomes(live, 3 * BACK_S)
    tell(half_open_seen_s=seen_s, back_s=back_s)
    assert seen_s < SEEN_S
    assert back_s < BACK_S


async def test_a_camera_that_sends_everything_but_pictures_is_silent(tell: Callable[..., None]) -> None:
    """Packets alone are no sign of life. A camera for each mood, all at once, and one that plays on beside them."""
    reports = Reports()
    with contextlib.ExitStack() as stack:
        there = {mood: stack.enter_context(RtspCamera(FILM)) for mood in MOODS}
        codes = {mood: f"cam-{mood.replace(' ', '-')}" for mood in MOODS}
        good = stack.enter_context(RtspCamera(FILM))
        watched = [camera(one.url(), codes[mood]) for mood, one in there.items()]

        async def all_become(holds: Callable[[State | None], bool], seconds: float) -> dict[str, float]:
            found = (reports.becomes(holds, seconds, code) for code in codes.values())
            return dict(zip(MOODS, await asyncio.gather(*found), strict=True))

        async with Warden([*watched, camera(good.url())], now=utc_now, report=reports):
            await all_become(live, 15)
            await reports.becomes(live, 15)
            for mood, one in there.items():
                one.mood = mood
            seen_s = await all_become(away, SEEN_S)
            assert {reports.last(code) for code in codes.values()} == {State.SILENT}
            for one in there.values():
                await until(lambda one=one: one.viewers == 0 or one.opened > 1, SEEN_S, "the connection to be given up")
            for one in there.values():
                one.mood = "playing"
            back_s = await all_become(live, 3 * BACK_S)
    tell(moods=len(MOODS), seen_s_worst=max(seen_s.values()), back_s_worst=max(back_s.values()))
    assert max(back_s.values()) < BACK_S
    assert [change.state for _, change in reports.changes if change.camera == "cam-gate"] == [State.LIVE]


async def test_an_hour_of_refused_passwords(
    monkeypatch: pytest.MonkeyPatch, long: bool, tell: Callable[..., None]
) -> None:
    """Four channels of one recorder with a wrong password, workers that die, and the list entered again and again.

    A real server counts. The pauses of the door are divided by HOUR, so that the hour takes 20 s; with --long it is
    an hour.
    """
    speed = 1.0 if long else HOUR
    for name in ("HOUR_S", "REFUSED_S"):
        monkeypatch.setattr(door, name, getattr(door, name) / speed)
    monkeypatch.setattr("cameras.warden.DOOR_S", 0.5 / speed)
    reports = Reports()
    with RtspCamera(FILM, user="viewer", password="the-right-one") as there:
        url = there.url().replace("the-right-one", "wr0ng-guess")
        channels = [camera(f"{url}/{n}", f"cam-{n}") for n in range(4)]
        began = time.monotonic()
        async with Warden(channels, now=utc_now, report=reports) as warden:
            await until(lambda: all(reports.last(one.code) is State.UNAUTHORISED for one in channels), 15, "refusals")
            first = there.refused
            while time.monotonic() - began < 3600.0 / speed:
                await asyncio.sleep(2.0 if not long else 60.0)
                warden.watch(channels[:2])
                warden.watch(channels)
            tries, connections, all_requests = there.refused, there.opened, there.requests.total()
            await until(lambda: all(reports.last(one.code) is State.UNAUTHORISED for one in channels), 5, "refusals")
            counted = sum(one["refused"] for one in warden.camera_figures().values())
    tell(first_try=first, refused=tries, connections=connections, requests=all_requests, hour_s=3600.0 / speed)
    assert first == 1
    assert 2 <= tries <= door.PER_HOUR
    assert counted == tries
    assert "wr0ng-guess" not in reports.reasons()


async def test_a_restart_is_no_fresh_start(tmp_path: Path, tell: Callable[..., None]) -> None:
    """The whole process of the cameras is started five times, as by a supervisor: one try in all."""
    with RtspCamera(FILM, user="viewer", password="the-right-one") as there:
        gate = camera(there.url().replace("the-right-one", "wr0ng-guess"))
        for _ in range(5):
            reports = Reports()
            kept = RefusalsFile(tmp_path / "refusals.json")
            async with Warden([gate], now=utc_now, report=reports, refusals=kept):
                await reports.becomes(lambda state: state is State.UNAUTHORISED, 15)
        refused = there.refused
    tell(starts=5, refused=refused)
    assert refused == 1
    assert b"viewer" not in (tmp_path / "refusals.json").read_bytes()
