"""The hub of live views over real sockets: who is asked, who is believed, when a camera is let go."""

import asyncio
import contextlib
import datetime as dt
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from cameras.camera import Address, Camera
from cameras.live_wire import Hello, Message, Part, Show, Unable, framed
from ioc.live_view import HERE, Hub, LiveViewClient

AT = dt.datetime(2026, 11, 25, 1, 2, 3, tzinfo=dt.UTC)
MASK = (((0.0, 0.0), (1.0, 0.0), (1.0, 1.0)),)


def camera(code: str, *, masked: bool = False) -> Camera:
    return Camera(
        code=code, centre="quang-nam", address=Address("rtsp://h/x"), scene="street", masks=MASK if masked else ()
    )


CAMERAS = {made.code: made for made in (camera("cam-a"), *(camera(f"cam-m{n}", masked=True) for n in (1, 2, 3)))}


def part(data: bytes, *, init: bool = False, key: bool = False, media: int = 0) -> Part:
    return Part(data=data, init=init, key=key, media=media, codec="avc1.64001F" if init else "", age_s=0.5)


class Scene:
    """A hub, the orders that it gave, and workers that answer them."""

    def __init__(self, folder: Path) -> None:
        self.orders: list[Show] = []
        self.writers: list[asyncio.StreamWriter] = []
        self.cameras = dict(CAMERAS)
        self.hub = Hub(self._tell, self.cameras.get, folder / "feed", folder, lambda: AT, linger_s=0.3, start_s=1.0)
        self.client = LiveViewClient(folder / "live")
        self.path = folder / "live"

    def _tell(self, code: str, order: Show) -> bool:
        self.orders.append(order)
        return True

    async def until(self, holds: Callable[[], object], within_s: float = 5.0) -> None:
        async with asyncio.timeout(within_s):
            while not holds():
                await asyncio.sleep(0.01)

    async def worker(self, *messages: Message, order: Show | None = None, masked: bool = False) -> asyncio.StreamReader:
        """A worker that answers an order (the last) and says something; what it hears is returned."""
        await self.until(lambda: self.orders)
        answered = order or self.orders[-1]
        reader, writer = await asyncio.open_unix_connection(answered.path)
        self.writers.append(writer)
        hello = Hello(camera=answered.camera, serial=answered.serial, masked=masked)
        writer.write(b"".join(framed(message) for message in (hello, *messages)))
        return reader


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    folder = Path(tempfile.mkdtemp(prefix="ioc-h-", dir="/tmp"))
    made = Scene(folder)
    async with made.hub.serve(made.path):
        yield made
        for writer in made.writers:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()
    shutil.rmtree(folder)


@contextlib.asynccontextmanager
async def watching(
    scene: Scene, code: str, *messages: Message, masked: bool = False
) -> AsyncIterator[AsyncIterator[bytes]]:
    """A viewer of a camera whose worker says something."""
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(scene.worker(*messages, masked=masked), name="worker")
        async with scene.client.watching(code) as watched:
            assert (watched.codec, watched.why) == ("avc1.64001F", "")
            yield aiter(watched)


async def test_what_a_worker_sends_reaches_the_viewer_with_its_time(scene: Scene) -> None:
    async with watching(scene, "cam-a", part(b"INIT", init=True), part(b"KEY", key=True)) as film:
        body = await anext(film)
        while b"KEY" not in body:
            body += await anext(film)
    assert body.startswith(b"INIT")
    assert body[8:12] == b"prft"
    ntp = int.from_bytes(body[20:24], "big") - 2_208_988_800
    assert ntp == int(AT.timestamp()) - 1
    assert scene.orders[0].turns == str(scene.path.parent)


async def test_a_camera_is_asked_for_once_and_let_go_after_its_last_viewer(scene: Scene) -> None:
    reader = asyncio.Future[asyncio.StreamReader]()

    async def work() -> None:
        reader.set_result(await scene.worker(part(b"INIT", init=True), part(b"KEY", key=True)))

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(work(), name="worker")
        async with scene.client.watching("cam-a") as one, scene.client.watching("cam-a") as other:
            assert await anext(aiter(one))
            assert await anext(aiter(other))
            assert scene.hub.figures == {"live_cameras": 1, "live_viewers": 2, "live_skipped": 0}
    with contextlib.suppress(ConnectionError):
        async with asyncio.timeout(5):
            assert await (await reader).read() == b""
    assert len(scene.orders) == 1
    assert scene.hub.figures["live_cameras"] == 0


async def test_a_worker_that_ends_is_asked_for_again_and_the_viewer_stays(scene: Scene) -> None:
    """What it sends then is later than what was shown, else a browser waits until it is."""
    async with watching(scene, "cam-a", part(b"INIT", init=True), part(b"KEY", key=True, media=900_000)) as film:
        body = b""
        while b"KEY" not in body:
            body += await anext(film)
        scene.writers[0].close()
        await scene.until(lambda: len(scene.orders) == 2)
        assert [order.begins > 900_000 for order in scene.orders] == [False, True]
        await scene.worker(part(b"AGAIN", init=True))
        body = b""
        while b"AGAIN" not in body:
            body += await anext(film)


async def test_nobody_is_believed_who_was_not_asked(scene: Scene) -> None:
    """A wrong serial, a strange camera, no greeting, and no mask where there has to be one."""
    async with asyncio.TaskGroup() as tasks:
        viewer = tasks.create_task(_why(scene, "cam-m1"), name="viewer")
        await scene.until(lambda: scene.orders)
        order = scene.orders[0]
        wrong = Show(camera=order.camera, path=order.path, serial=99, turns="")
        strange = Show(camera="cam-x", path=order.path, serial=order.serial, turns="")
        for given in (wrong, strange, order):
            reader = await scene.worker(part(b"UNMASKED", init=True), part(b"K", key=True), order=given)
            with contextlib.suppress(ConnectionError):
                assert await reader.read() == b""
        reader, writer = await asyncio.open_unix_connection(order.path)
        scene.writers.append(writer)
        writer.write(framed(part(b"UNMASKED", init=True)) + b"\xff" * 40)
        with contextlib.suppress(ConnectionError):
            assert await reader.read() == b""
    assert viewer.result() == "silent"


async def test_a_mask_that_comes_midway_ends_what_is_not_masked(scene: Scene) -> None:
    """Whoever sends did not hear of it yet."""
    async with watching(scene, "cam-a", part(b"INIT", init=True), part(b"KEY", key=True)) as film:
        body = b""
        while b"KEY" not in body:
            body += await anext(film)
        scene.cameras["cam-a"] = camera("cam-a", masked=True)
        scene.writers[0].write(framed(part(b"SECRET", key=True)))
        await scene.until(lambda: len(scene.orders) == 2)
        await scene.worker(part(b"MASKED", init=True), part(b"KEY", key=True), masked=True)
        while b"MASKED" not in body:
            body += await anext(film)
    assert b"SECRET" not in body


async def _why(scene: Scene, code: str) -> str:
    async with scene.client.watching(code) as watched:
        return watched.why


async def test_two_cameras_with_masks_at_once_and_no_third(scene: Scene) -> None:
    said = (part(b"INIT", init=True), part(b"KEY", key=True))
    async with watching(scene, "cam-m1", *said, masked=True):
        scene.orders.clear()
        async with watching(scene, "cam-m2", *said, masked=True):
            assert await _why(scene, "cam-m3") == "masked"
            scene.orders.clear()
            async with watching(scene, "cam-a", *said):
                pass
    await scene.until(lambda: scene.hub.figures["live_cameras"] == 0)
    scene.orders.clear()
    async with watching(scene, "cam-m3", *said, masked=True):
        pass


async def test_why_there_is_nothing_is_told(scene: Scene) -> None:
    assert await _why(scene, "cam-none") == "unknown"
    assert await _why(scene, "cam-\u00e9") == "unknown"
    async with asyncio.TaskGroup() as tasks:
        viewer = tasks.create_task(_why(scene, "cam-a"), name="viewer")
        await scene.worker(Unable(why="codec"))
    assert viewer.result() == "codec"


async def test_what_was_in_the_way_is_not_for_ever(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also for who asks so often that the camera is never let go."""
    async with asyncio.TaskGroup() as tasks:
        viewer = tasks.create_task(_why(scene, "cam-m1"), name="viewer")
        await scene.worker(Unable(why="masked"), masked=True)
    assert viewer.result() == "masked"
    monkeypatch.setattr("ioc.live_view.ASK_AGAIN_S", 0.0)
    scene.orders.clear()
    async with watching(scene, "cam-m1", part(b"INIT", init=True), masked=True):
        pass


async def test_while_no_picture_comes_an_empty_box_is_sent(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ioc.live_view.IDLE_S", 0.05)
    async with watching(scene, "cam-a", part(b"INIT", init=True)) as film:
        body = b""
        while HERE not in body:
            body += await anext(film)


async def test_the_process_away_is_an_oserror(scene: Scene) -> None:
    with pytest.raises(OSError, match="No such file"):
        async with LiveViewClient(scene.path.with_name("none")).watching("cam-a"):
            pass
