"""How cameras are, in the tables."""

import datetime as dt
import uuid
from pathlib import Path

import asyncpg
import pytest

from cameras.grade import Rating
from cameras.health import State
from ioc.access.scope import EVERYTHING
from ioc.store import camera_states, parts, registry
from ioc.store.camera_states import AWAY, GONE
from ioc.store.database import Database
from ioc.store.parts import Part
from ioc.store.registry import CameraRow
from tests.fakes.things import AI_NGHIA, NOW
from tests.fakes.vaults import vault

WORDS = Path(__file__).parents[4] / "ioc/wall/src/i18n"
BEFORE, AFTER = uuid.UUID(int=1), uuid.UUID(int=2)
GOOD = Rating(grade="excellent", fps=25.0, expected_fps=25.0, reconnects=0, stalls=0)


def at(second: float) -> dt.datetime:
    """A moment."""
    return NOW + dt.timedelta(seconds=second)


@pytest.fixture
async def cameras(database: Database) -> Database:
    """Two cameras, one of which hangs on a link."""
    async with database.transaction(EVERYTHING) as transaction:
        for code, settings in (("cam-a", {"link": "fibre-1"}), ("cam-b", {})):
            row = CameraRow(
                code=code,
                centre="quang-nam",
                area="20335@2025-07-01",
                name=code.upper(),
                kind="street",
                position=AI_NGHIA,
                bearing=None,
                fov=None,
                settings=settings,
            )
            await registry.put_camera(transaction, row, "rtsp://127.0.0.1/", NOW, vault())
    return database


async def test_a_state_is_entered_with_its_reason_and_pictures(cameras: Database) -> None:
    async with cameras.transaction(EVERYTHING) as transaction:
        await camera_states.enter(transaction, "cam-a", State.COVERED, at(5), "something", (BEFORE, AFTER))
        watched, places = await camera_states.all_cameras(transaction)
    first, second = watched
    assert (first.code, first.group, first.linked, first.state, first.since) == (
        "cam-a",
        "fibre-1",
        True,
        State.COVERED,
        at(5),
    )
    assert (first.before, first.after, first.reason, first.known) == (str(BEFORE), str(AFTER), "something", True)
    assert (second.group, second.linked, second.down_since) == ("quang-nam", False, None)
    assert (places["cam-a"].name, places["cam-a"].position) == ("CAM-A", AI_NGHIA)


async def test_how_long_nothing_came_is_counted_over_different_failures_and_a_restarted_worker(
    cameras: Database, admin: asyncpg.Connection
) -> None:
    """A dead camera is silent, then unreachable, then refuses."""
    told: list[dt.datetime | None] = []
    for second, state in enumerate(
        [State.LIVE, State.SILENT, State.UNREACHABLE, State.DEGRADED, State.REFUSED, State.LIVE, State.COVERED]
    ):
        async with cameras.transaction(EVERYTHING) as transaction:
            await camera_states.enter(transaction, "cam-a", state, at(second), "")
        told.append(await admin.fetchval("select down_since from cameras where code = 'cam-a'"))
    assert told == [None, at(1), at(1), at(1), at(1), None, None]


async def test_a_grade_is_news_only_when_it_is_another(cameras: Database, admin: asyncpg.Connection) -> None:
    worse = Rating(grade="poor", fps=3.0, expected_fps=25.0, reconnects=4, stalls=9)
    async with cameras.transaction(EVERYTHING) as transaction:
        told = [await camera_states.enter_grade(transaction, "cam-a", one) for one in (GOOD, GOOD, worse)]
    assert told == [True, False, True]
    row = await admin.fetchrow("select grade, fps, fps_expected, reconnects, stalls from cameras where code = 'cam-a'")
    assert tuple(row) == ("poor", 3.0, 25.0, 4, 9)


async def test_what_nobody_watches_is_not_live_and_is_entered_once(cameras: Database) -> None:
    async with cameras.transaction(EVERYTHING) as transaction:
        assert await camera_states.heard_at(transaction) is None
        await parts.enter(transaction, Part(name="cameras", ready=True, state={}, seen_at=NOW))
        assert await camera_states.heard_at(transaction) == NOW
        await camera_states.enter(transaction, "cam-a", State.LIVE, NOW, "")
        assert sorted(await camera_states.nobody_watches(transaction, at(20))) == ["cam-a", "cam-b"]
        assert await camera_states.nobody_watches(transaction, at(22)) == []
        assert await camera_states.unwatched(transaction, ["cam-b", "cam-z"]) == {"cam-b"}
        watched, _ = await camera_states.all_cameras(transaction)
    assert {(one.state, one.reason, one.known) for one in watched} == {(State.SILENT, AWAY, False)}


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_wall_has_words_for_the_reasons_of_our_own(language: str) -> None:
    words = (WORDS / f"health.{language}.ts").read_text("utf-8")
    assert [reason for reason in (AWAY, GONE) if f'"reason.{reason}"' not in words] == []


async def test_a_camera_out_of_use_is_not_missed(cameras: Database) -> None:
    async with cameras.transaction(EVERYTHING) as transaction:
        await transaction.connection.execute("update cameras set lifecycle = 'suspended' where code = 'cam-a'")
        watched, places = await camera_states.all_cameras(transaction)
        assert [one.code for one in watched] == list(places) == ["cam-b"]
        assert await camera_states.nobody_watches(transaction, at(1)) == ["cam-b"]
