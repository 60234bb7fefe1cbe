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
    return [camera(f"{server.url()}/{n}", f"cam-{n:02d}") for n in range(CAMERAS)]


async def test_workers_are_killed_at_random(
    seed: int, chance: random.Random, long: bool, tell: Callable[..., None]
) -> None:
    """SIGSEGV to a worker chosen by chance, again and again; every camera is live again before the next."""
    reports, kills = Reports(), 30 if long else 5
    back, lost = [], []
    with RtspCamera(FILM) as server:
        async with Watched(cameras_of(server), now=utc_now, report=reports) as warden:
            everybody = {f"cam-{n:02d}" for n in range(CAMERAS)}

            def all_live() -> bool:
                return all(reports.last(code) is State.LIVE for code in everybody)

            await until(all_live, 60, "24 live cameras")
            groups = len(warden.workers)
            for _ in range(kills):
                victim = chance.choice(sorted(everybody))
                group, others = set(warden.group_of(victim)), everybody - set(warden.group_of(victim))
                before = {code: warden.worker_of(code) for code in others}
                pulse = {code: len(warden.counts[code]) for code in everybody}
                began = time.monotonic()
                os.kill(warden.worker_of(victim), signal.SIGSEGV)
                await until(lambda: any(reports.last(code) is not State.LIVE for code in group), 5, "a crash to tell")  # noqa: B023
                await until(all_live, 2 * BACK_S, "the killed group")
                back.append(time.monotonic() - began)
                await until(
                    lambda: all(len(warden.counts[code]) >= pulse[code] + 3 for code in others),  # noqa: B023
                    10,
                    "pulses",
                )
                ended = time.monotonic()
                assert {code: warden.worker_of(code) for code in others} == before
                lost.append(max(warden.missing_s(code, began - 2.5, ended) for code in others))
            counted = warden.restarts
    tell(
        cameras=CAMERAS,
        groups=groups,
        kills=kills,
        restarts=counted,
        others_lost_s_worst=max(lost),
        back_s_worst=max(back),
    )
    assert groups >= 3
    assert counted == kills
    assert max(lost) <= OTHERS_S
    assert max(back) <= BACK_S


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
