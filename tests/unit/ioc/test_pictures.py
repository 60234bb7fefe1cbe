"""Newest pictures over the unix socket, and everything that may answer instead of a camera process."""

import asyncio
import contextlib
import shutil
import stat
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ioc import pictures
from ioc.pictures import LARGEST, Picture, PictureClient, serve
from tests.fakes.things import NOW

HEAD = b'{"taken_at":"2026-11-22T01:00:00Z","state":"live","bytes":%d}\n'


async def alone() -> None:
    """Wait until whoever answered is done."""
    async with asyncio.timeout(5):
        while len(asyncio.all_tasks()) > 1:
            await asyncio.sleep(0.01)
    await asyncio.sleep(0)  # transports that were closed say so in the next round of the loop


@pytest.fixture
async def socket() -> AsyncIterator[Path]:
    """A path that is short enough for a unix socket."""
    folder = Path(tempfile.mkdtemp(prefix="ioc-p-", dir="/tmp"))
    yield folder / "cameras.sock"
    await alone()
    shutil.rmtree(folder)


@contextlib.asynccontextmanager
async def answering(path: Path, answer: bytes) -> AsyncIterator[None]:
    """A process that answers everybody with the same bytes and closes."""

    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            await reader.readline()
            writer.write(answer)
            await writer.drain()
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()

    async with await asyncio.start_unix_server(speak, path):
        yield


async def test_the_newest_picture_of_a_camera_arrives_whole(socket: Path) -> None:
    shown = {"cam-a": Picture(jpeg=bytes(range(256)) * 4096, taken_at=NOW, state="live")}
    async with serve(socket, shown.get):
        assert await PictureClient(socket).newest("cam-a") == shown["cam-a"]
        assert await PictureClient(socket).newest("cam-b") is None


async def test_the_socket_is_for_this_account_alone_and_replaces_one_that_was_left(socket: Path) -> None:
    for _ in range(2):
        async with serve(socket, lambda code: None):
            assert stat.S_IMODE(socket.stat().st_mode) == 0o600


async def test_without_a_camera_process_the_asker_is_told_so(socket: Path) -> None:
    with pytest.raises(FileNotFoundError):
        await PictureClient(socket).newest("cam-a")


async def test_a_camera_process_that_does_not_answer_is_away(socket: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "ANSWER_S", 0.05)
    asked = asyncio.Event()

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.set()
        await reader.read()
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_unix_server(hang, socket):
        with pytest.raises(TimeoutError):
            await PictureClient(socket).newest("cam-a")
    assert asked.is_set()


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\n",
        b"garbage\n",
        b"\xff\xfe\n",
        b"[1, 2, 3]\n",
        b'{"taken_at":"yesterday","state":"live","bytes":1}\nx',
        b"x" * 100_000,
        HEAD % -1,
        HEAD % 5 + b"abc",
        HEAD % (LARGEST + 1) + b"x",
    ],
    ids=["nothing", "empty", "garbage", "bytes", "list", "time", "endless", "negative", "cut", "oversized"],
)
async def test_an_answer_that_is_no_picture_is_none(socket: Path, answer: bytes) -> None:
    async with answering(socket, answer):
        assert await PictureClient(socket).newest("cam-a") is None


@pytest.mark.parametrize("code", ["cäm", "x" * 100_000])
async def test_a_code_that_no_camera_has_is_none(socket: Path, code: str) -> None:
    async with serve(socket, lambda code: None):
        with contextlib.suppress(ConnectionError):  # the server hangs up on an endless code
            assert await PictureClient(socket).newest(code) is None


async def test_an_asker_that_hangs_up_costs_the_next_one_nothing(socket: Path) -> None:
    shown = Picture(jpeg=b"x" * 4_000_000, taken_at=NOW, state="live")
    async with serve(socket, lambda code: shown):
        for words in (b"", b"cam-a\n", b"\xff\n"):
            _, writer = await asyncio.open_unix_connection(socket)
            writer.write(words)
            writer.transport.abort()
        assert await PictureClient(socket).newest("cam-a") == shown


async def test_an_asker_that_never_reads_is_cut(socket: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "ANSWER_S", 0.05)
    shown = Picture(jpeg=b"x" * 4_000_000, taken_at=NOW, state="live")
    async with serve(socket, lambda code: shown):
        reader, writer = await asyncio.open_unix_connection(socket)
        writer.write(b"cam-a\n")
        await reader.readline()
        await alone()
        with contextlib.suppress(ConnectionError):
            assert len(await reader.read()) < len(shown.jpeg)
        writer.close()
