"""The composition root: addresses, sockets, cameras, signals."""

import asyncio
import datetime as dt
import os
import signal
from pathlib import Path

import msgspec
import pytest

from cameras.camera import Address, Camera, GroundPoint
from cameras.health import State
from cameras.warden import Picture as Newest
from gis.position import Position
from ioc import app
from ioc.settings import Settings, SettingsError
from ioc.store.outcome import NotTakenError
from ioc.store.registry import CameraRow
from tests.fakes.store import batch
from tests.fakes.things import NOW, reading

ROW = CameraRow(
    code="cam-a",
    centre="quang-nam",
    area="x@2025-07-01",
    name="A",
    kind="street",
    position=Position(lon=108.1, lat=15.6),
    bearing=90.0,
    fov=60.0,
    settings={
        "scene": "street",
        "calibration": [{"x": x, "y": y, "lon": 108 + x / 1000, "lat": 15 + y / 1000} for x in (0, 1) for y in (0, 1)],
        "lines": [{"id": "gate", "p1": [0, 0.5], "p2": [1, 0.5], "directions": {"in": [0, 1]}}],
        "zones": [{"id": "yard", "polygon": [[0, 0], [1, 0], [1, 1]]}],
    },
)
URL = "rtsp://cam-a:hunter2@127.0.0.1:8554/cam-a"


def test_the_wall_clock_is_utc() -> None:
    assert app.now().utcoffset() == dt.timedelta(0)


def test_the_socket_of_pictures_is_in_the_state_dir_while_its_path_is_short(tmp_path: Path) -> None:
    assert app.pictures_socket(Settings(state_dir="/var/lib/ioc")) == Path("/var/lib/ioc/cameras.sock")
    long = [app.pictures_socket(Settings(state_dir=f"/var/{'x' * 200}/{name}")) for name in ("a", "b", "a")]
    assert all(len(str(path)) < app.LONGEST_SOCKET for path in long)
    assert long[0] == long[2] != long[1]


def test_a_registered_camera_is_what_the_camera_room_watches() -> None:
    camera = app.camera(ROW, URL)
    assert isinstance(camera, Camera)
    assert (camera.code, camera.centre, camera.position) == ("cam-a", "quang-nam", ROW.position)
    assert (camera.bearing_deg, camera.fov_deg, camera.scene) == (90.0, 60.0, "street")
    assert camera.address == Address(URL)
    assert camera.calibration[3] == GroundPoint(x=1, y=1, lon=108.001, lat=15.001)
    assert camera.lines[0].directions == {"in": (0.0, 1.0)}
    assert camera.zones[0].polygon == ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0))


def test_what_is_registered_wins_over_what_the_settings_say_of_it() -> None:
    row = msgspec.structs.replace(ROW, settings={**ROW.settings, "code": "cam-x", "address": {"url": "rtsp://x/"}})
    camera = app.camera(row, URL)
    assert (camera.code, camera.address.url) == ("cam-a", URL)


@pytest.mark.parametrize(
    ("settings", "url"),
    [({}, URL), ({"scene": "moon"}, URL), (ROW.settings, "http://x/"), (ROW.settings | {"zones": [{"id": "z"}]}, URL)],
)
def test_a_camera_that_is_registered_wrongly_costs_no_other_and_tells_no_secret(
    settings: dict[str, object], url: str, caplog: pytest.LogCaptureFixture
) -> None:
    rows = {"cam-a": ROW, "cam-b": msgspec.structs.replace(ROW, code="cam-b", settings=settings), "cam-c": ROW}
    found = app.usable(rows, {"cam-a": URL, "cam-b": url})
    assert [camera.code for camera in found] == ["cam-a"]
    assert "cam-b cannot be watched" in caplog.text
    assert "hunter2" not in caplog.text


class OneCamera:
    """A warden that knows a camera with a picture and one without."""

    def newest(self, code: str) -> Newest | None:
        if code == "cam-dark":
            return None
        return {"cam-a": Newest(jpeg=b"jpeg", taken_at=NOW, state=State.LIVE)}[code]


def test_a_strange_camera_has_no_picture() -> None:
    newest = app._newest(OneCamera())  # type: ignore[arg-type]
    shown = newest("cam-a")
    assert shown is not None
    assert (shown.jpeg, shown.state) == (b"jpeg", "live")
    assert newest("cam-dark") is None
    assert newest("cam-strange") is None


def test_a_base_map_that_is_not_shipped_is_none() -> None:
    assert app._basemap("moon") is None
    assert (app._basemap("places") or b"").startswith(b"{")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_the_work_and_closes_what_was_opened(number: signal.Signals) -> None:
    closed = []

    async def work() -> None:
        try:
            os.kill(os.getpid(), number)
            await asyncio.Event().wait()
        finally:
            closed.append(True)

    async with asyncio.timeout(5):
        await app.run_until_signal(work)
    assert closed == [True]


async def test_work_that_ends_ends_the_run_and_what_it_raises_is_raised() -> None:
    done = []

    async def works() -> None:
        done.append(True)

    async def fails() -> None:
        raise SettingsError("no")

    async with asyncio.timeout(5):
        await app.run_until_signal(works)
        with pytest.raises(ExceptionGroup) as raised:
            await app.run_until_signal(fails)
    assert done == [True]
    assert raised.group_contains(SettingsError, match="no")


class Nowhere:
    """A store that takes nothing."""

    async def attempt(self, *_: object, **__: object) -> None:
        raise NotTakenError("store_away", ConnectionRefusedError())

    async def probe(self) -> None:
        await self.attempt()


async def test_a_spool_that_cannot_be_had_is_a_setting_that_cannot(tmp_path: Path) -> None:
    settings = Settings(state_dir=str(tmp_path / "state"))
    async with app.spooling(settings, "one", Nowhere()) as spool:
        await spool.keep(batch(reading()))
        with pytest.raises(SettingsError, match=f"belongs to another process .{os.getpid()}"):
            async with app.spooling(settings, "one", Nowhere()):
                pass
        async with app.spooling(settings, "two", Nowhere()) as other:
            assert other.state().batches == 0
    assert len(list((tmp_path / "state/spool/one").glob("*.seg"))) == 1
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match="IOC_STATE_DIR"):
        async with app.spooling(Settings(state_dir=str(tmp_path / "file")), "one", Nowhere()):
            pass
