"""Evidence from real RTSP streams through real workers into PostgreSQL: clips that show, and masks that hide."""

import asyncio
import dataclasses
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from cameras.camera import Address, Camera, Zone
from cameras.privacy import Turns
from cameras.warden import Picture, Warden
from cameras.wire import Orders
from ioc.access.scope import EVERYTHING
from ioc.catalogue import profiles
from ioc.gallery import Gallery
from ioc.lookout import Lookout
from ioc.register import Register
from ioc.store import registry
from ioc.store.database import Database
from ioc.store.observations import ObservationStore
from ioc.store.registry import CameraRow
from tests.fakes.rtsp import RtspServer, can_serve
from tests.fakes.secret import MASK, TRACE, pictures_in, pieces, raw, trace
from tests.fakes.things import AI_NGHIA
from tests.fakes.vaults import vault
from tests.integration.test_cameras import utc_now

pytestmark = pytest.mark.skipif(not can_serve(), reason="GStreamer's RTSP server is not installed")

CODES = ("cam-open", "cam-masked", "cam-third", "cam-fourth")
DOOR = Zone(id="door", polygon=((0.3, 0.6), (0.7, 0.6), (0.7, 1.0), (0.3, 1.0)))


@dataclasses.dataclass
class Site:
    """Registered cameras of a street, the server of their streams, and where their evidence goes."""

    database: Database
    admin: asyncpg.Connection
    gallery: Gallery
    lookout: Lookout
    server: RtspServer
    newest: dict[str, Picture | None] = dataclasses.field(default_factory=dict)

    def camera(self, code: str, stream: str = "street", **more: Any) -> Camera:
        address = Address(self.server.url(stream))
        return Camera(code=code, centre="quang-nam", address=address, scene="street", zones=(DOOR,), **more)

    async def watch(self, cameras: list[Camera], until: str, seconds: float = 60.0) -> list[asyncpg.Record]:
        """Watch until a query gives rows, and give them."""
        drafts = str(self.gallery.drafts)
        orders = Orders(cameras=(), drafts=drafts, turns=drafts)
        async with (
            asyncio.timeout(seconds),
            Warden(cameras, now=utc_now, report=self.lookout.take, orders=orders) as warden,
        ):
            while not (rows := await self.admin.fetch(until)):
                await asyncio.sleep(0.2)
            self.newest = {one.code: warden.newest(one.code) for one in cameras}
            return list(rows)

    def everything(self) -> dict[str, bytes]:
        """Every file below the media folder."""
        return {path.name: path.read_bytes() for path in self.gallery.folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def streams(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A street with a secret, and one whose size changes midway."""
    folder = tmp_path_factory.mktemp("streams")
    street, small = pieces(20.0)[1], pieces(6.0, width=320, height=240)[1]
    raw(folder / "street.h264", [street])
    raw(folder / "changing.h264", [street[: 8 * 12], small])
    return folder


@pytest.fixture
async def site(database: Database, admin: asyncpg.Connection, tmp_path: Path, streams: Path) -> AsyncIterator[Site]:
    async with database.transaction(EVERYTHING) as transaction:
        for code in CODES:
            row = CameraRow(
                code=code, centre="quang-nam", area="20335@2025-07-01", name=code, kind="street", position=AI_NGHIA,
                bearing=None, fov=None, settings={},
            )  # fmt: skip
            await registry.put_camera(transaction, row, "rtsp://127.0.0.1/", utc_now(), vault())
    gallery = Gallery(tmp_path / "media")
    mounts = [{"name": path.stem, "path": str(path), "rate": "12/1"} for path in streams.glob("*.h264")]
    with RtspServer(mounts) as server:
        async with Register.open(database, profiles()) as register:
            store = ObservationStore(database, register.owners, register.unit_of)
            async with Lookout.open(database, register, store, gallery, utc_now) as lookout:
                yield Site(database, admin, gallery, lookout, server)


CLIPS = "select * from media where kind in ('clip', 'stills') and source = any (array[{}])"


def of(*codes: str) -> str:
    return CLIPS.format(", ".join(f"'{code}'" for code in codes))


async def test_a_sighting_gets_a_clip_of_before_and_after_and_its_picture(site: Site) -> None:
    (row, *_) = await site.watch([site.camera("cam-open")], of("cam-open"))
    data = (site.gallery.folder / f"{row['id']}.mp4").read_bytes()
    assert hashlib.sha256(data).digest() == row["sha256"]
    assert (row["made"], row["retention"], row["centre"], row["bytes"]) == ("remuxed", "clip", "quang-nam", len(data))
    shown = list(pictures_in(data))
    assert row["seconds"] == pytest.approx(len(shown) / 12, abs=1.5)
    assert row["seconds"] >= 6.0
    seen = await site.admin.fetchrow("select min(at) as first, max(at) as last from sightings")
    assert row["taken_at"] < seen["first"]
    assert max(trace(one) for one in shown) > 4 * TRACE, "without a mask the stream is what it was"
    assert list(site.gallery.drafts.glob("*.mp4")) == []
    pictures = await site.admin.fetch("select m.id from sightings s join media m on m.id = s.media")
    assert pictures
    names = {f"{row['id']}.jpg" for row in pictures}
    assert names <= site.everything().keys()


async def test_of_a_masked_camera_nothing_that_is_stored_or_shown_has_the_secret(site: Site) -> None:
    """The clip, every picture, the newest picture, whatever lies in the folder."""
    await site.watch([site.camera("cam-masked", masks=MASK)], of("cam-masked"))
    shown = site.newest["cam-masked"]
    assert shown is not None
    files = site.everything()
    assert any(name.endswith(".mp4") for name in files)
    assert sum(name.endswith(".jpg") for name in files) >= 1
    for name, data in [*files.items(), ("newest", shown.jpeg)]:
        if data:
            assert max(trace(one) for one in pictures_in(data)) < TRACE, f"{name} shows the secret"
    (clip,) = [data for name, data in files.items() if name.endswith(".mp4")]
    assert sum(1 for _ in pictures_in(clip)) > 6 * 12
    made = await site.admin.fetchval("select array_agg(distinct made) from media where kind = 'clip'")
    assert made == ["masked"]


async def test_also_when_the_size_of_the_stream_changes_midway(site: Site) -> None:
    two = f"select * from ({of('cam-masked')}) found where (select count(*) from media where kind = 'clip') > 1"
    await site.watch([site.camera("cam-masked", "changing", masks=MASK)], two, 90.0)
    sizes = set()
    for name, data in site.everything().items():
        if data:
            for picture in pictures_in(data):
                sizes.add(picture.shape[:2])
                assert trace(picture) < TRACE, f"{name} shows the secret"
    assert {(360, 640), (240, 320)} <= sizes


async def test_beyond_two_masked_streams_there_are_stills(site: Site) -> None:
    turns = [Turns(site.gallery.drafts).take() for _ in range(2)]
    (row, *_) = await site.watch([site.camera("cam-third", masks=MASK)], of("cam-third"))
    assert (row["kind"], row["made"], row["content_type"]) == ("stills", "stills", "image/jpeg")
    for name, data in site.everything().items():
        if data:
            assert max(trace(one) for one in pictures_in(data)) < TRACE, f"{name} shows the secret"
    for turn in turns:
        assert turn is not None
        turn.give_back()


async def test_a_clip_of_a_camera_with_a_main_stream_is_of_that(site: Site) -> None:
    main = site.camera("cam-fourth", "changing", main=Address(site.server.url("street")))
    await site.watch([main], of("cam-fourth"))
    clips = [data for name, data in site.everything().items() if name.endswith(".mp4")]
    assert {one.shape[1] for data in clips for one in pictures_in(data)} == {640}
