"""V3: a decoder that crashes hurts only the cameras of its group, and a camera that crashes it is soon alone."""

import os
import random
import signal
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import pytest

from cameras.camera import Camera
from cameras.health import State
from cameras.warden import Warden
from cameras.wire import Pulse, Report
from tests.fakes.video import passing
from tests.instruments.film import shoot
from tests.instruments.posts import Reports, camera, utc_now
from tests.instruments.rtsp import RtspCamera
from tests.instruments.waiting import until

pytestmark = pytest.mark.promise("V3")

CAMERAS = 24
EVERYBODY = {f"cam-{n:02d}" for n in range(CAMERAS)}
OTHERS_S, BACK_S = 1.0, 10.0
FILM = shoot(passing(3.0, 10.0, width=320, height=180))


class Watched(Warden):
    """A warden whose cameras' analysed pictures are noted, a count for each pulse of a worker (one a second)."""

    def __init__(self, *given: Any, **more: Any) -> None:
        self.counts: defaultdict[str, list[tuple[float, int]]] = defaultdict(list)
        super().__init__(*given, **more)

    async def _take(self, number: int, crew: Any, report: Report, run: str) -> None:
        if isinstance(report, Pulse):
            for code, done in report.cameras.items():
                self.counts[code].append((time.monotonic() - report.age_s, done.analysed))
        await super()._take(number, crew, report, run)

    def missing_s(self, code: str, since: float, to: float) -> float:
        """Seconds of pictures that a camera lacks between two moments, at the rate it has over the whole time."""
        counts = [(at, count) for at, count in self.counts[code] if since <= at <= to]
        seconds = counts[-1][0] - counts[0][0]
        return seconds - (counts[-1][1] - counts[0][1]) / 5.0


def cameras_of(server: RtspCamera) -> list[Camera]:
    """Twenty-four of them."""
    return [camera(f"{server.url()}/{code}", code) for code in sorted(EVERYBODY)]


async def kill_one(warden: Watched, reports: Reports, victim: str) -> tuple[float, float]:
    """Kill the worker of a camera; seconds until all are live again, and what the others lost at the most."""
    group = set(warden.group_of(victim))
    others = EVERYBODY - group
    before = {code: warden.worker_of(code) for code in others}
    pulses = {code: len(warden.counts[code]) for code in others}
    began = time.monotonic()
    os.kill(warden.worker_of(victim), signal.SIGSEGV)
    await until(lambda: any(reports.last(code) is not State.LIVE for code in group), 5, "a crash to be told")
    await until(lambda: all_live(reports), 2 * BACK_S, "the killed group")
    back_s = time.monotonic() - began
    await until(lambda: all(len(warden.counts[code]) >= pulses[code] + 3 for code in others), 10, "pulses")
    assert {code: warden.worker_of(code) for code in others} == before
    ended = time.monotonic()
    return back_s, max(warden.missing_s(code, began - 2.5, ended) for code in others)


def all_live(reports: Reports) -> bool:
    """Whether every camera is live."""
    return all(reports.last(code) is State.LIVE for code in EVERYBODY)


async def test_workers_are_killed_at_random(
    seed: int, chance: random.Random, long: bool, tell: Callable[..., None]
) -> None:
    """SIGSEGV to a worker chosen by chance, again and again; every camera is live again before the next."""
    reports, kills = Reports(), 30 if long else 5
    with RtspCamera(FILM) as server:
        async with Watched(cameras_of(server), now=utc_now, report=reports) as warden:
            await until(lambda: all_live(reports), 60, "24 live cameras")
            groups = len(warden.workers)
            found = [await kill_one(warden, reports, chance.choice(sorted(EVERYBODY))) for _ in range(kills)]
            restarts = warden.restarts
    back_s, lost_s = max(back for back, _ in found), max(lost for _, lost in found)
    figures = {"others_lost_s_worst": lost_s, "back_s_worst": back_s}
    tell(cameras=CAMERAS, groups=groups, kills=kills, restarts=restarts, **figures)
    assert groups >= 3
    assert restarts == kills
    assert lost_s <= OTHERS_S
    assert back_s <= BACK_S


async def test_a_camera_that_kills_its_worker_is_soon_alone(tell: Callable[..., None]) -> None:
    """Whenever its stream is open its worker is killed; the seven beside it get workers that live."""
    reports = Reports()
    with RtspCamera(FILM) as server, RtspCamera(FILM) as poison:
        eight = [*cameras_of(server)[:7], camera(poison.url(), "cam-poison")]
        async with Warden(eight, now=utc_now, report=reports, cores=1) as warden:
            began, kills = time.monotonic(), 0
            while len(warden.group_of("cam-poison")) > 1:
                seen = poison.viewers
                await until(lambda: poison.viewers > 0, 20, "the poison to be drunk")
                assert seen <= 1
                os.kill(warden.worker_of("cam-poison"), signal.SIGSEGV)
                kills += 1
                await until(lambda: poison.viewers == 0, 5, "the worker to be gone")
            alone_s = time.monotonic() - began
            rest = [one.code for one in eight[:7]]
            await until(lambda: all(reports.last(code) is State.LIVE for code in rest), 20, "the neighbours")
            lives = [warden.worker_of(code) for code in rest]
            for _ in range(3):
                await until(lambda: poison.viewers > 0, 20, "the poison to be drunk")
                os.kill(warden.worker_of("cam-poison"), signal.SIGSEGV)
                await until(lambda: poison.viewers == 0, 5, "the worker to be gone")
            assert [warden.worker_of(code) for code in rest] == lives
            assert all(reports.last(code) is State.LIVE for code in rest)
    tell(neighbours=7, kills_until_alone=kills, alone_after_s=alone_s)
    assert kills <= 5
