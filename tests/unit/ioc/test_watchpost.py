"""Which cameras are watched, and that the list is followed."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

import asyncpg
import msgspec
import pytest

from cameras.camera import Address, Camera, GroundPoint
from cameras.health import State
from cameras.warden import Picture as Newest
from gis.position import Position
from ioc.access.scope import EVERYTHING
from ioc.demo.registry import registry
from ioc.demo.seed import camera_row, seed_places
from ioc.outbound import OutboundError, Target
from ioc.pinned import Pins
from ioc.settings import Settings
from ioc.store.database import Database
from ioc.store.registry import CameraRow, put_camera
from ioc.vault import Vault
from ioc.watchpost import RefusalsFile, Roll, camera, cameras, newest, usable
from tests.conftest import Fresh
from tests.fakes.things import NOW
from tests.fakes.vaults import vault
from tests.fakes.video import passing
from tests.instruments.film import shoot
from tests.instruments.rtsp import RtspCamera
from tests.instruments.waiting import until as until_true

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


def test_a_registered_camera_is_what_the_camera_room_watches() -> None:
    gate = camera(ROW, URL)
    assert isinstance(gate, Camera)
    assert (gate.code, gate.centre, gate.position) == ("cam-a", "quang-nam", ROW.position)
    assert (gate.bearing_deg, gate.fov_deg, gate.scene) == (90.0, 60.0, "street")
    assert gate.address == Address(URL)
    assert gate.calibration[3] == GroundPoint(x=1, y=1, lon=108.001, lat=15.001)
    assert gate.lines[0].directions == {"in": (0.0, 1.0)}
    assert gate.zones[0].polygon == ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0))


def test_what_is_registered_wins_over_what_the_settings_say_of_it() -> None:
    row = msgspec.structs.replace(ROW, settings={**ROW.settings, "code": "cam-x", "address": {"url": "rtsp://x/"}})
    gate = camera(row, URL)
    assert (gate.code, gate.address.url) == ("cam-a", URL)


@pytest.mark.parametrize(
    ("settings", "url"),
    [({}, URL), ({"scene": "moon"}, URL), (ROW.settings, "ftp://x/"), (ROW.settings | {"zones": [{"id": "z"}]}, URL)],
)
def test_a_camera_that_is_registered_wrongly_costs_no_other_and_tells_no_secret(
    settings: dict[str, object], url: str
) -> None:
    rows = {"cam-a": ROW, "cam-b": msgspec.structs.replace(ROW, code="cam-b", settings=settings), "cam-c": ROW}
    found, wrong = usable(rows, {"cam-a": URL, "cam-b": url})
    assert [camera.code for camera in found] == ["cam-a"]
    assert list(wrong) == ["cam-b"]
    assert "hunter2" not in wrong["cam-b"]


class OneCamera:
    """A warden that knows a camera with a picture and one without."""

    def newest(self, code: str) -> Newest | None:
        if code == "cam-dark":
            return None
        return {"cam-a": Newest(jpeg=b"jpeg", taken_at=NOW, state=State.LIVE)}[code]


def test_a_strange_camera_has_no_picture() -> None:
    ask = newest(OneCamera())  # type: ignore[arg-type]
    shown = ask("cam-a")
    assert shown is not None
    assert (shown.jpeg, shown.state) == (b"jpeg", "live")
    assert ask("cam-dark") is None
    assert ask("cam-strange") is None


class Everywhere:
    """Whoever is asked for may be called, except at 10.99.0.1."""

    async def pinned(self, host: str, port: int) -> Target:
        if host == "10.99.0.1":
            raise OutboundError("not_allowed", f"{host} may not be called")
        return Target(host=host, port=port, address={"gate.local": "10.20.0.9"}.get(host, host))


PINS = Pins(Everywhere(), lambda: 0.0)


async def test_a_camera_that_cannot_be_watched_says_why(database: Database, tmp_path: Path) -> None:
    """Its key is lost, or it is where nobody may call; the others are watched, at the address that was judged."""
    rows = [camera_row(about) for about in registry().cameras[:3]]
    lost = Vault(tmp_path / "lost.json")
    await seed_places(database)
    async with database.transaction(EVERYTHING) as transaction:
        for row, url, keys in zip(
            rows,
            ("rtsp://u:hunter2@10.20.0.7/a", "rtsp://u:hunter2@10.99.0.1/b", "rtsp://u:hunter2@gate.local:8554/c"),
            (lost, vault(), vault()),
            strict=True,
        ):
            await put_camera(transaction, row, url, NOW, keys)
    roll = Roll(database, vault(), PINS)
    assert [one.address.url for one in await roll.read()] == ["rtsp://u:hunter2@10.20.0.9:8554/c"]
    assert {code: one.state for code, one in roll.barred.items()} == {
        rows[0].code: State.UNAUTHORISED,
        rows[1].code: State.REFUSED,
    }
    assert "enter the secret again" in roll.barred[rows[0].code].why
    assert "hunter2" not in repr(roll.barred)


async def until(roll: Roll, holds: Callable[[list[str]], bool]) -> list[list[str]]:
    """Follow the roll until a list of codes holds; every list that came."""
    heard: list[list[str]] = []
    done = asyncio.Event()

    async def watch(cameras: Sequence[Camera]) -> None:
        heard.append([one.code for one in cameras])
        if holds(heard[-1]):
            done.set()

    async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
        following = tasks.create_task(roll.follow(watch), name="roll")
        await done.wait()
        following.cancel()
    return heard


async def test_the_roll_is_followed(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    """A camera that is added, changed or removed is on the list without a restart."""
    rows = [camera_row(about) for about in registry().cameras[:2]]
    await seed_places(database)
    roll = Roll(database, vault(), PINS)
    assert await roll.read() == []

    async def put(row: CameraRow, url: str) -> None:
        async with database.transaction(EVERYTHING) as transaction:
            await put_camera(transaction, row, url, NOW, vault())

    async with asyncio.timeout(30), asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(until(roll, lambda codes: codes == [rows[0].code]), name="until")
        await put(rows[0], URL)
        assert (await waiting)[-1] == [rows[0].code]
    assert [one.detector for one in await Roll(database, vault(), PINS, detector="/models/m.onnx").read()] == [
        "/models/m.onnx"
    ]
    for lifecycle, watched in (("suspended", []), ("active", [rows[0].code])):
        async with database.transaction(EVERYTHING) as transaction:
            await transaction.connection.execute("update cameras set lifecycle = $1", lifecycle)
        assert [one.code for one in await roll.read()] == watched
    await put(rows[0], "file:///hunter2.mp4")
    for _ in range(2):
        assert await roll.read() == []
    assert caplog.text.count("cannot be watched") == 1
    assert "hunter2" not in caplog.text


@pytest.mark.parametrize(
    ("main", "url"),
    [
        ("/Streaming/101", "rtsp://cam-a:hunter2@127.0.0.1:8554/Streaming/101"),
        ("rtsp://127.0.0.1:554/main?x=1", "rtsp://cam-a:hunter2@127.0.0.1:554/main?x=1"),
        ("http://127.0.0.1/main", "http://cam-a:hunter2@127.0.0.1/main"),
    ],
)
def test_the_main_stream_has_the_password_of_the_other(main: str, url: str) -> None:
    row = msgspec.structs.replace(ROW, settings={**ROW.settings, "main": main})
    assert camera(row, URL).main == Address(url)


@pytest.mark.parametrize("main", ["rtsp://10.0.0.1/other-host", "rtsp://u:p@127.0.0.1/x", "ftp://127.0.0.1/x", "//h/x"])
def test_a_main_stream_elsewhere_or_with_a_secret_of_its_own_is_refused(main: str) -> None:
    row = msgspec.structs.replace(ROW, settings={**ROW.settings, "main": main})
    with pytest.raises(ValueError, match=r"main stream|address"):
        camera(row, URL)


def test_a_file_is_played_only_from_the_folder_that_is_named(tmp_path: Path) -> None:
    (tmp_path / "clips").mkdir()
    inside = f"file://{tmp_path}/clips/a.mp4"
    assert camera(ROW, inside, str(tmp_path / "clips")).address.location == f"{tmp_path}/clips/a.mp4"
    for url, folder in ((inside, ""), (f"file://{tmp_path}/clips/../a.mp4", str(tmp_path / "clips"))):
        with pytest.raises(ValueError, match="IOC_CAMERA_FILES"):
            camera(ROW, url, folder)


def test_refusals_are_kept_over_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "refusals.json"
    assert RefusalsFile(path).load() == {}
    RefusalsFile(path).save({"digest": [NOW]})
    assert RefusalsFile(path).load() == {"digest": [NOW]}
    path.write_bytes(b"x" * 99)
    assert RefusalsFile(path).load() == {}
    RefusalsFile(tmp_path / "nowhere" / "refusals.json").save({})


FILM = shoot(passing(1.0, 10.0, width=320, height=240))


async def test_the_process_follows_the_register_while_it_runs(
    database: Database, fresh: Fresh, admin: asyncpg.Connection, tmp_path: Path
) -> None:
    """A camera is added, gets another address, and loses it: picked up without a restart, and not left live."""
    await seed_places(database)
    row = camera_row(registry().cameras[0])

    async def put(url: str) -> None:
        async with database.transaction(EVERYTHING) as transaction:
            await put_camera(transaction, row, url, NOW, vault())

    async def is_state(state: str) -> bool:
        return bool(await admin.fetchval("select state from cameras where code = $1", row.code) == state)

    keys = str(vault().path)
    settings = Settings(database_url=fresh.url(), state_dir=str(tmp_path), outbound="127.0.0.1/32", secrets_keys=keys)
    with RtspCamera(FILM) as one, RtspCamera(FILM, user="viewer", password="right") as other:
        async with asyncio.timeout(190), asyncio.TaskGroup() as tasks:
            work = tasks.create_task(cameras(settings), name="cameras")
            await put(one.url())
            await until_true(lambda: is_state("live"), 60, "a live camera")
            await put(other.url())
            await until_true(lambda: other.viewers == 1 and one.viewers == 0, 60, "the other address")
            await admin.execute("delete from camera_addresses")
            await until_true(lambda: is_state("silent"), 60, "a camera that is watched no more")
            await until_true(lambda: other.viewers == 0, 20, "a camera that is let go")
            work.cancel()
