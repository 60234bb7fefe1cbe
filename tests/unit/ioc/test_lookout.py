"""What the warden reports is kept: with its picture, without it, and after the database was away."""

import asyncio
import datetime as dt
import errno
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from cameras.grade import Rating
from cameras.health import State
from cameras.names import Filmed
from cameras.warden import Seen, StateChanged
from cameras.wire import Clipped, Graded
from ioc.access.scope import EVERYTHING
from ioc.catalogue import profiles
from ioc.gallery import Gallery
from ioc.lookout import Lookout
from ioc.register import Register
from ioc.store import camera_states, registry
from ioc.store.database import Database
from ioc.store.registry import CameraRow
from tests.fakes.store import counted, store
from tests.fakes.things import AI_NGHIA, NOW, sighting
from tests.fakes.vaults import vault

CAMERA = CameraRow(
    code="cam-a",
    centre="quang-nam",
    area="20335@2025-07-01",
    name="A",
    kind="street",
    position=AI_NGHIA,
    bearing=None,
    fov=None,
    settings={},
)
LIVE = StateChanged(camera="cam-a", state=State.LIVE, at=NOW, reason="frames arrive")


@pytest.fixture
async def lookout(database: Database, tmp_path: Path) -> AsyncIterator[Lookout]:
    """A lookout over one registered camera; its pictures go to `media`."""
    async with database.transaction(EVERYTHING) as transaction:
        await registry.put_camera(transaction, CAMERA, "rtsp://127.0.0.1/", NOW, vault())
    async with (
        Register.open(database, profiles()) as register,
        Lookout.open(database, register, store(database), Gallery(tmp_path / "media"), lambda: NOW) as opened,
    ):
        yield opened


async def test_a_sighting_is_kept_with_its_picture(lookout: Lookout, admin: asyncpg.Connection, tmp_path: Path) -> None:
    await lookout.take(Seen(sighting=sighting(), picture=b"jpeg"))
    media = await admin.fetchval(
        "select s.media from sightings s join media m on m.id = s.media and m.source = 'cam-a'"
    )
    assert (tmp_path / "media" / f"{media}.jpg").read_bytes() == b"jpeg"


async def test_a_sighting_is_kept_though_the_disk_takes_no_picture(
    lookout: Lookout, admin: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("ioc.gallery.os.fsync", full)
    await lookout.take(Seen(sighting=sighting(), picture=b"jpeg"))
    assert await admin.fetchval("select array_agg(media) from sightings") == [None]
    assert await counted(admin, "media") == 0
    assert "No space left" in caplog.text


DRAFT = "0123456789abcdef01234567.mp4"
CLIP = uuid.UUID(int=9)


def filmed(**more: Any) -> Filmed:
    plain: dict[str, Any] = {"camera": "cam-a", "clip": 1, "made": "remuxed", "file": DRAFT, "sha256": b"d"}
    clip = Clipped(**plain | {"bytes": 4, "seconds": 12.5} | more)
    return Filmed(id=str(CLIP), at=NOW, clip=clip)


async def test_a_clip_is_taken_into_the_folder_and_registered(
    lookout: Lookout, admin: asyncpg.Connection, tmp_path: Path
) -> None:
    (tmp_path / "media" / "drafts" / DRAFT).write_bytes(b"clip")
    await lookout.take(filmed())
    row = await admin.fetchrow("select * from media")
    assert (row["id"], row["kind"], row["made"], row["seconds"], row["sha256"]) == (CLIP, "clip", "remuxed", 12.5, b"d")
    assert row["expires_at"] == NOW + dt.timedelta(days=14)
    assert (tmp_path / "media" / f"{CLIP}.mp4").read_bytes() == b"clip"


async def test_stills_are_registered_as_what_they_are(
    lookout: Lookout, admin: asyncpg.Connection, tmp_path: Path
) -> None:
    name = DRAFT.replace("mp4", "jpg")
    (tmp_path / "media" / "drafts" / name).write_bytes(b"jpeg")
    await lookout.take(filmed(made="stills", file=name))
    row = await admin.fetchrow("select kind, content_type, retention from media")
    assert tuple(row) == ("stills", "image/jpeg", "clip")


@pytest.mark.parametrize("more", [{"file": "", "reason": "the stream ended"}, {}, {"file": "../../etc/passwd"}])
async def test_a_clip_that_is_not_there_registers_nothing(
    lookout: Lookout, admin: asyncpg.Connection, more: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    """It was not made, its draft is gone, or its name is none of ours."""
    await lookout.take(filmed(**more))
    assert await counted(admin, "media") == 0
    assert "clip of cam-a" in caplog.text


async def test_a_new_state_is_entered_and_told(lookout: Lookout, admin: asyncpg.Connection) -> None:
    await lookout.take(LIVE)
    assert await admin.fetchval("select state from cameras") == "live"
    told = await admin.fetchrow("select subject, subject_id, centre from changes")
    assert tuple(told) == ("camera", "cam-a", "quang-nam")


async def test_a_state_waits_for_a_database_that_is_away_and_no_sighting_behind_it(
    lookout: Lookout, admin: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It must not end the process that watches all the cameras."""
    monkeypatch.setattr("ioc.lookout.RETRY_S", 0.3)
    real, tries = camera_states.enter, []

    async def away_at_first(*about: object) -> None:
        tries.append(1)
        if len(tries) < 3:
            raise ConnectionResetError
        await real(*about)  # type: ignore[arg-type]

    monkeypatch.setattr(camera_states, "enter", away_at_first)
    await lookout.take(StateChanged(camera="cam-a", state=State.FROZEN, at=NOW, reason="stuck"))
    await lookout.take(LIVE)
    await lookout.take(Seen(sighting=sighting(), picture=None))
    assert (len(tries), await counted(admin, "sightings")) == (1, 1)
    async with asyncio.timeout(10):
        while await counted(admin, "changes") == 0:
            await asyncio.sleep(0.01)
    assert len(tries) == 3
    assert await admin.fetchval("select state from cameras") == "live"
    assert await counted(admin, "changes") == 1


async def test_the_state_of_a_camera_that_left_the_register_is_nobody_s(
    lookout: Lookout, admin: asyncpg.Connection
) -> None:
    await lookout.take(StateChanged(camera="cam-gone", state=State.LIVE, at=NOW, reason=""))
    assert await counted(admin, "changes") == 0


async def test_the_state_of_a_camera_that_the_register_in_memory_does_not_know_yet(
    database: Database, admin: asyncpg.Connection, tmp_path: Path
) -> None:
    """It is said once: what is not entered then is missing until the camera changes again."""
    register = Register(database, profiles())
    async with Lookout.open(database, register, store(database), Gallery(tmp_path / "media"), lambda: NOW) as lookout:
        async with database.transaction(EVERYTHING) as transaction:
            await registry.put_camera(transaction, CAMERA, "rtsp://127.0.0.1/", NOW, vault())
        await lookout.take(LIVE)
        assert await admin.fetchval("select state from cameras") == "live"


async def test_a_state_is_kept_with_the_pictures_that_prove_it(
    lookout: Lookout, admin: asyncpg.Connection, tmp_path: Path
) -> None:
    covered = StateChanged(camera="cam-a", state=State.COVERED, at=NOW, reason="why", before=b"street", after=b"cloth")
    await lookout.take(covered)
    row = await admin.fetchrow("select state, reason, picture_before, picture_after from cameras")
    assert (row["state"], row["reason"]) == ("covered", "why")
    media = tmp_path / "media"
    kept = [(media / f"{row[name]}.jpg").read_bytes() for name in ("picture_before", "picture_after")]
    assert kept == [b"street", b"cloth"]
    assert await admin.fetchval("select count(*) from media where source = 'cam-a'") == 2
    await lookout.take(LIVE)
    assert await admin.fetchval("select picture_after from cameras") is None
    assert await admin.fetchval("select count(*) from media where source = 'cam-a'") == 2


async def test_the_proof_of_a_state_is_kept_though_the_database_was_away_at_first(
    lookout: Lookout, admin: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Its pictures lie in the folder already when the state is entered at last; also when it is entered again."""
    monkeypatch.setattr("ioc.lookout.RETRY_S", 0.02)
    real, tries = camera_states.enter, []

    async def away_at_first(*about: object) -> None:
        tries.append(1)
        if len(tries) < 3:
            raise ConnectionResetError
        await real(*about)  # type: ignore[arg-type]

    monkeypatch.setattr(camera_states, "enter", away_at_first)
    await lookout.take(StateChanged(camera="cam-a", state=State.COVERED, at=NOW, reason="", before=b"b", after=b"a"))
    for _ in range(2):
        async with asyncio.timeout(10):
            while await admin.fetchval("select state from cameras") != "covered":
                await asyncio.sleep(0.01)
        row = await admin.fetchrow("select picture_before, picture_after from cameras")
        assert [(tmp_path / "media" / f"{one}.jpg").read_bytes() for one in row] == [b"b", b"a"]
        assert await counted(admin, "media") == 2
        await admin.execute("update cameras set state = 'silent', reason = $1", camera_states.AWAY)


async def test_the_newest_state_stands_though_an_older_one_is_taken_slowly(
    lookout: Lookout, admin: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ioc.lookout.RETRY_S", 0.02)
    real, entered, free = camera_states.enter, [], asyncio.Event()

    async def slow_at_first(*about: object) -> None:
        if not entered:
            entered.append("waits")
            await free.wait()
        await real(*about)  # type: ignore[arg-type]
        entered.append(str(about[2]))

    monkeypatch.setattr(camera_states, "enter", slow_at_first)
    async with asyncio.TaskGroup() as tasks:
        stuck = StateChanged(camera="cam-a", state=State.FROZEN, at=NOW, reason="stuck")
        tasks.create_task(lookout.take(stuck), name="older")
        async with asyncio.timeout(10):
            while not entered:
                await asyncio.sleep(0.01)
            await lookout.take(LIVE)
            looks = asyncio.get_running_loop().time() + 0.2
            while asyncio.get_running_loop().time() < looks:
                await asyncio.sleep(0.01)
            free.set()
            while "frozen" not in entered or entered[-1] != "live":
                await asyncio.sleep(0.01)
            while await admin.fetchval("select state from cameras") != "live":  # entered is not yet committed
                await asyncio.sleep(0.01)


async def test_a_camera_that_leaves_the_register_just_then_ends_nobody(
    lookout: Lookout, admin: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its proof is being written meanwhile."""
    owners = lookout._register.owners()
    asked: list[int] = []

    def vanishing() -> object:
        asked.append(1)
        return owners if len(asked) == 1 else {}

    monkeypatch.setattr(lookout._register, "owners", vanishing)
    await lookout.take(StateChanged(camera="cam-a", state=State.COVERED, at=NOW, reason="", before=b"b", after=b"a"))
    assert await admin.fetchval("select state from cameras") == "covered"


async def test_a_state_whose_picture_the_disk_does_not_take_is_entered_all_the_same(
    lookout: Lookout, admin: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("ioc.gallery.os.fsync", full)
    await lookout.take(StateChanged(camera="cam-a", state=State.MOVED, at=NOW, reason="why", before=b"b", after=b"a"))
    assert tuple(await admin.fetchrow("select state, picture_after from cameras")) == ("moved", None)


async def test_a_state_that_was_taken_back_while_we_were_mute_is_entered_again(
    lookout: Lookout, admin: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """This process stood still, another said that nobody watches; the camera itself never changed."""
    monkeypatch.setattr("ioc.lookout.RETRY_S", 0.02)
    await lookout.take(LIVE)
    await admin.execute("update cameras set state = 'silent', reason = $1", camera_states.AWAY)
    async with asyncio.timeout(10):
        while await admin.fetchval("select state from cameras") != "live":
            await asyncio.sleep(0.01)


async def test_a_grade_is_told_when_it_is_another(lookout: Lookout, admin: asyncpg.Connection) -> None:
    for grade, fps in (("excellent", 25.0), ("excellent", 24.0), ("poor", 4.0)):
        rating = Rating(grade=grade, fps=fps, expected_fps=25.0, reconnects=0, stalls=0)  # type: ignore[arg-type]
        await lookout.grade(Graded(camera="cam-a", rating=rating), NOW)
    told = await admin.fetch("select value #>> '{properties,grade}' as grade from changes order by id")
    assert [row["grade"] for row in told] == ["excellent", "poor"]
