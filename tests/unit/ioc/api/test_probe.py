"""Probing over HTTP: who may, how often, and that nothing of it is kept but that it was done."""

import base64
import json
import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ioc.api.probe import HOST
from ioc.outbound import Allowed
from ioc.probing import Prober
from tests.conftest import Fresh
from tests.fakes.http_centre import Centre, now, running_centre
from tests.fakes.video import passing
from tests.instruments.film import shoot
from tests.instruments.rtsp import RtspCamera

PATH = "/api/v1/cameras/probe"
PASSWORD = "planted-probe-7f3a9c"


@pytest.fixture
async def centre(migrated: Fresh, tmp_path: Path) -> AsyncIterator[Centre]:
    more = {"prober": Prober(Allowed.parse("127.0.0.1/32"), now)}
    async with running_centre(migrated.url, tmp_path, more) as one:
        yield one


async def test_a_camera_is_probed_with_its_picture_and_told_in_the_reader_s_language(
    centre: Centre, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with RtspCamera(shoot(passing(1.0, 10.0)), user="viewer", password=PASSWORD) as camera:
        asked = {"address": camera.url(), "port": 1}
        status, answer = await centre.post(PATH, asked, **{"Accept-Language": "en"})
    assert status == 200, answer
    steps = {one["step"]: one for one in answer["steps"]}
    assert steps["reach"]["failure"] == "refused"
    assert steps["reach"]["detail"].startswith("127.0.0.1:1 refuses: check")
    assert steps["picture"] == {"step": "picture", "ok": True, "failure": None, "detail": steps["picture"]["detail"]}
    assert base64.b64decode(answer["picture"]).startswith(b"\xff\xd8")
    (profile,) = answer["profiles"]
    assert (profile["stream"], profile["codec"]) == (f"rtsp://127.0.0.1:{camera.port}/live", "h264")
    rows = await centre.owner.fetch("select act, who, thing, before, after, text from audit where act = 'camera.probe'")
    assert [(row["who"], row["thing"]) for row in rows] == [("admin", "127.0.0.1:1")]
    assert await centre.owner.fetchval("select count(*) from media") == 0
    assert PASSWORD not in json.dumps(answer) + caplog.text + str([tuple(row) for row in rows])
    status, answer = await centre.post(PATH, {"address": "::1"}, **{"Accept-Language": "vi"})
    assert answer["steps"][0]["detail"].startswith("Trung tâm không được gọi ::1")


@pytest.mark.parametrize("who", ["operator", "viewer"])
async def test_who_registers_no_cameras_may_not_probe(who: str, centre: Centre) -> None:
    status, answer = await centre.post(PATH, {"address": "127.0.0.1"}, who)
    assert (status, answer["code"]) == (403, "not-allowed")


async def test_a_host_is_not_asked_again_and_again(centre: Centre) -> None:
    """However it is written, and whoever asks."""
    written = ("::1", "[::1]", "rtsp://[::1]/a", "http://u:p@[::1]:81/", "::1", "::1")
    told = [await centre.post(PATH, {"address": text, "port": 1}) for text in written]
    assert [status for status, _ in told] == [200] * int(HOST.burst) + [429]
    assert told[-1][1]["code"] == "too-many-requests"


async def test_an_installation_that_probes_nothing_says_so(migrated: Fresh, tmp_path: Path) -> None:
    async with running_centre(migrated.url, tmp_path) as one:
        status, answer = await one.post(PATH, {"address": "127.0.0.1"})
    assert (status, answer["code"]) == (503, "probe-busy")


async def test_a_body_that_is_none_is_refused_without_its_password(centre: Centre) -> None:
    status, answer = await centre.post(PATH, {"address": "h", "password": [PASSWORD]})
    assert status == 400
    assert PASSWORD not in json.dumps(answer)
