"""The RTSP server that stands in for the cameras of the street."""

import asyncio
import signal
from pathlib import Path

import pytest

from cameras.camera import Address
from cameras.stream import frames
from ioc.demo import street
from ioc.demo.street import served
from ioc.embedded import SetupError
from tests.fakes.rtsp import can_serve

CLIPS = {"cam-a": "people_one_by_one.mp4", "cam-b": "people_one_by_one.mp4"}


@pytest.mark.skipif(not can_serve(), reason="GStreamer's RTSP server is not installed")
async def test_each_camera_is_served_to_its_own_code_and_the_server_ends_with_the_block(tmp_path: Path) -> None:
    async with served(CLIPS, tmp_path / "clips", tmp_path / "street.log") as server:
        opened = server.street
        shown = frames(Address(opened.url("cam-b")))
        try:
            frame = await asyncio.to_thread(next, shown)
        finally:
            shown.close()
        assert frame.luma.size > 0
    with pytest.raises(OSError, match=str(opened.port)):
        await asyncio.open_connection("127.0.0.1", opened.port)


@pytest.mark.skipif(not can_serve(), reason="GStreamer's RTSP server is not installed")
async def test_a_server_that_died_serves_the_same_cameras_on_the_same_port_again(tmp_path: Path) -> None:
    async with served(CLIPS, tmp_path / "clips", tmp_path / "street.log") as server:
        opened = server.street
        await server.stop()
        assert (await server.death()).code == -signal.SIGKILL
        await server.start(opened.port)
        assert server.street == opened
        shown = frames(Address(opened.url("cam-a")))
        try:
            assert (await asyncio.to_thread(next, shown)).luma.size > 0
        finally:
            shown.close()


async def test_without_gstreamer_one_sentence_says_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(street, "SYSTEM_PYTHON", "/bin/false")
    with pytest.raises(SetupError, match=r"gir1\.2-gst-rtsp-server-1\.0"):
        async with served(CLIPS, tmp_path / "clips", tmp_path / "street.log"):
            pass
