"""P1: what the law limits is gone on time, what is on hold stays. The data are aged by an injected clock."""

import datetime as dt
import hashlib
import os
import random
import uuid
from collections.abc import Callable
from pathlib import Path

import asyncpg
import pytest

from ioc.access.scope import EVERYTHING
from ioc.curator import EVERY_S, Curator
from ioc.gallery import Gallery
from ioc.retention import media_classes
from ioc.steady import Steady
from ioc.store import media
from ioc.store.database import Database
from ioc.store.media import Hold, StoredPicture
from tests.fakes.store import OWNERS
from tests.fakes.things import NOW

pytestmark = pytest.mark.promise("P1", seeds=1)

STEP = dt.timedelta(seconds=EVERY_S)
DAY = dt.timedelta(days=1)
LIMITS = {code: DAY * one.days for code, one in media_classes().items()}
KINDS = {"sighting": ("sighting", "image/jpeg"), "tamper": ("sighting", "image/jpeg"), "clip": ("clip", "video/mp4")}


class Archive:
    """A gallery that is filled for a year, and what was put on hold in it."""

    def __init__(self, database: Database, folder: Path, chance: random.Random) -> None:
        self.database, self.chance = database, chance
        self.gallery = Gallery(folder / "media")
        self.now = NOW
        self.curator = Curator(database, self.gallery, lambda: self.now, self.believed)
        self.held: dict[uuid.UUID, dt.datetime | None] = {}
        self.taken: dict[uuid.UUID, tuple[str, dt.datetime]] = {}

    async def believed(self) -> bool:
        return True

    async def fill(self, number: int) -> None:
        """So many files of every class, over the day that begins now; one in ten is held, some until a day."""
        stored, holds = [], []
        for _ in range(number):
            retention = self.chance.choice(sorted(KINDS))
            kind, content_type = KINDS[retention]
            name, at = uuid.UUID(int=self.chance.getrandbits(128)), self.now + DAY * self.chance.random()
            data = self.chance.randbytes(50)
            one = StoredPicture(
                id=str(name), source="cam-a", sha256=hashlib.sha256(data).digest(), bytes=50, taken_at=at,
                expires_at=self.gallery.expiry(retention, at), kind=kind, content_type=content_type,
                retention=retention,
            )  # fmt: skip
            (self.gallery.folder / f"{name}{media.SUFFIXES[content_type]}").write_bytes(data)
            stored.append(one)
            self.taken[name] = (retention, at)
            if self.chance.random() < 0.1:
                until = self.chance.choice([None, at + DAY * self.chance.randrange(1, 200)])
                self.held[name] = until
                holds.append((name, Hold(by="thanh", why="an inquiry", since=at, until=until)))
        async with self.database.transaction(EVERYTHING) as transaction:
            await media.insert_pictures(transaction, stored, OWNERS)
            for name, hold in holds:
                await media.hold(transaction, name, hold)

    def holds(self, name: uuid.UUID) -> bool:
        return name in self.held and ((until := self.held[name]) is None or until > self.now)

    def files(self) -> set[uuid.UUID]:
        return {uuid.UUID(path.stem) for path in self.gallery.folder.iterdir() if path.is_file()}

    def due(self, name: uuid.UUID) -> dt.datetime:
        """When a file must be gone: at the end of its class, or of its hold if that is later."""
        retention, at = self.taken[name]
        end = at + LIMITS[retention]
        until = self.held.get(name)
        return max(end, until) if until is not None else end


async def test_every_class_of_evidence_goes_at_its_limit_and_what_is_held_stays(
    database: Database,
    admin: asyncpg.Connection,
    tmp_path: Path,
    chance: random.Random,
    long: bool,
    tell: Callable[..., None],
) -> None:
    """A file, its row, and nothing earlier: looked at after each round of a clock that leaps by up to a day."""
    archive = Archive(database, tmp_path, chance)
    oldest = {code: dt.timedelta(0) for code in LIMITS}
    late = dt.timedelta(0)
    for _ in range(360 if long else 96):
        await archive.fill(8)
        begin = archive.now
        while archive.now < begin + DAY:
            archive.now = min(archive.now + STEP * chance.randrange(300, 1440), begin + DAY)
            await archive.curator.expire()
            left = archive.files()
            wrongly_gone = {name for name in archive.taken.keys() - left if archive.due(name) > archive.now}
            wrongly_gone |= {name for name in archive.held.keys() - left if archive.holds(name)}
            assert not wrongly_gone
            for name in left:
                retention, at = archive.taken[name]
                if not archive.holds(name):
                    oldest[retention] = max(oldest[retention], archive.now - at)
                    late = max(late, archive.now - archive.due(name))
            assert late <= dt.timedelta(0)
    rows = {row["id"] for row in await admin.fetch("select id from media")}
    assert rows == archive.files()
    assert {name for name, until in archive.held.items() if until is None} <= rows
    figures = {f"oldest_{code}_days": round(age / DAY, 3) for code, age in oldest.items()}
    limits = {f"limit_{code}_days": limit / DAY for code, limit in LIMITS.items()}
    tell(files=len(archive.taken), held=len(archive.held), **figures, **limits)
    assert all(oldest[code] <= limit for code, limit in LIMITS.items())


async def test_a_file_that_was_never_registered_is_gone_too(
    database: Database, tmp_path: Path, chance: random.Random
) -> None:
    """A crash between the file and its row leaves a picture of people that no row limits."""
    archive = Archive(database, tmp_path, chance)
    longest = max(limit for code, limit in LIMITS.items() if code != "register")
    stray = archive.gallery.folder / f"{uuid.UUID(int=1)}.mp4"
    stray.write_bytes(b"x")
    os.utime(stray, (NOW.timestamp(),) * 2)
    archive.now = NOW + longest
    await archive.curator.round()
    assert stray.exists()
    archive.now += STEP
    await archive.curator.round()
    assert not stray.exists()


async def test_nothing_goes_by_a_clock_that_leapt(database: Database, tmp_path: Path, chance: random.Random) -> None:
    """A clock that is set a year ahead by mistake removes no evidence; see ioc/steady.py."""
    archive = Archive(database, tmp_path, chance)
    await archive.fill(20)
    seconds = 0.0
    steady = Steady(database, lambda: archive.now, lambda: seconds)
    curator = Curator(database, archive.gallery, lambda: archive.now, steady.believed)
    archive.now = dt.datetime.now(dt.UTC) + 365 * DAY
    await curator.round()
    assert archive.files() == archive.taken.keys()
