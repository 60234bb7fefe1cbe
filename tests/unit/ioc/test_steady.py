"""A clock that jumps deletes nothing before it has gone on steadily for a day."""

import datetime as dt
import logging

import pytest

from ioc.steady import APART, PAUSE, WATCHED_S, Steady
from ioc.store.database import Database

YEAR = dt.timedelta(days=365)
MINUTE = dt.timedelta(minutes=1)


class Clock:
    """A wall clock that is PostgreSQL's too, so that only steps tell."""

    def __init__(self, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        self.wall = dt.datetime(2026, 11, 22, 1, 0, tzinfo=dt.UTC)
        self.seconds = 100.0
        self.database = database
        self.apart = dt.timedelta()
        self.steady = self.started()
        doubt = Steady._doubt
        monkeypatch.setattr(
            Steady, "_doubt", lambda one, now, theirs, before: doubt(one, now, self.wall + self.apart, before)
        )

    def started(self) -> Steady:
        """As after a start of the process."""
        return Steady(self.database, lambda: self.wall, lambda: self.seconds)

    async def on(self, passed: dt.timedelta, step: dt.timedelta = dt.timedelta()) -> bool:
        """Let time pass, and the wall clock step."""
        self.seconds += passed.total_seconds()
        self.wall += passed + step
        return await self.steady.believed()


@pytest.fixture
def clock(database: Database, monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Believed from the first look on."""
    return Clock(database, monkeypatch)


async def test_a_clock_that_goes_on_is_believed_and_one_that_is_set_back_too(clock: Clock) -> None:
    assert await clock.on(MINUTE)
    assert await clock.on(PAUSE)
    assert await clock.on(MINUTE, -YEAR)
    assert await clock.on(MINUTE)


async def test_a_step_ahead_deletes_nothing_before_a_day_has_gone_on_steadily(
    clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    assert await clock.on(MINUTE)
    assert not await clock.on(MINUTE, YEAR)
    assert not await clock.on(MINUTE)
    clock.steady = clock.started()
    assert not await clock.on(MINUTE), "a restart is no reason to believe it"
    assert not await clock.on(dt.timedelta(seconds=WATCHED_S - 1))
    assert not await clock.on(MINUTE, YEAR), "it jumps again: the day begins anew"
    assert not await clock.on(dt.timedelta(seconds=WATCHED_S - 1))
    assert await clock.on(MINUTE)
    assert await clock.on(MINUTE)
    assert "nothing is deleted" in caplog.text
    assert "believed again" in caplog.text


async def test_a_step_that_is_mended_is_forgotten(clock: Clock) -> None:
    assert await clock.on(MINUTE)
    assert not await clock.on(MINUTE, YEAR)
    assert await clock.on(MINUTE, -YEAR)


async def test_two_clocks_that_do_not_agree_are_both_doubted(clock: Clock) -> None:
    clock.apart = APART + MINUTE
    assert not await clock.on(MINUTE)
    clock.apart = -APART
    assert await clock.on(MINUTE)


async def test_postgresql_is_asked_for_its_own_clock(database: Database) -> None:
    right = Steady(database, lambda: dt.datetime.now(dt.UTC), lambda: 0.0)
    assert await right.believed()
    wrong = Steady(database, lambda: dt.datetime.now(dt.UTC) + YEAR, lambda: 0.0)
    assert not await wrong.believed()
