"""A centre whose cameras are real: streams of a real RTSP server, real workers, the camera process's live view."""

import datetime as dt
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

from cameras.camera import Address, Camera, Point
from cameras.warden import Seen, StateChanged, Warden
from cameras.wire import Orders
from ioc.live_view import Hub, LiveViewClient
from ioc.pictures import PictureClient, serve
from ioc.watchpost import newest
from tests.fakes.http_centre import Centre, running_centre

WALL = Path(__file__).parents[2] / "ioc" / "wall" / "dist"
LOWER_HALF: tuple[tuple[Point, ...], ...] = (((0.0, 0.5), (1.0, 0.5), (1.0, 1.0), (0.0, 1.0)),)


def utc_now() -> dt.datetime:
    """The wall clock."""
    return dt.datetime.now(dt.UTC)


def camera(code: str, url: str, main: str | None = None, masks: tuple[tuple[Point, ...], ...] = ()) -> Camera:
    """A camera that is only looked at."""
    address = None if main is None else Address(main)
    return Camera(code=code, centre="quang-nam", address=Address(url), main=address, scene="street", masks=masks)


class Yard(msgspec.Struct, frozen=True):
    """The camera process's parts: the workers, what serves live views, where it is asked, what was reported."""

    warden: Warden
    hub: Hub
    live: LiveViewClient
    pictures: PictureClient
    reports: list[Seen | StateChanged]


@asynccontextmanager
async def running_yard(cameras: Sequence[Camera], *, start_s: float = 12.0, clips: bool = False) -> AsyncIterator[Yard]:
    """What `ioc cameras` runs, without the database; `clips`: films are kept for clips, too."""
    folder = Path(tempfile.mkdtemp(prefix="ioc-y-", dir="/tmp"))
    reports: list[Seen | StateChanged] = []

    async def report(told: Seen | StateChanged) -> None:
        reports.append(told)

    try:
        orders = Orders(cameras=(), drafts=str(folder), turns=str(folder)) if clips else None
        async with Warden(cameras, now=utc_now, report=report, orders=orders) as warden:
            hub = Hub(warden.tell, warden.camera, folder / "feed", folder, utc_now, linger_s=1.0, start_s=start_s)
            async with hub.serve(folder / "live"), serve(folder / "pictures", newest(warden)):
                live, pictures = LiveViewClient(folder / "live"), PictureClient(folder / "pictures")
                yield Yard(warden, hub, live, pictures, reports)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@asynccontextmanager
async def watched_centre(url_of: Callable[[str], str], folder: Path, yard: Yard) -> AsyncIterator[Centre]:
    """The API and the built wall over a yard."""
    more = {"live_views": yard.live, "pictures": yard.pictures, "wall": WALL}
    async with running_centre(url_of, folder, more) as centre:
        yield centre
