"""When feeds are looked at, and how they stand."""

import asyncio
import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from feeds.feed import FeedError, Round, Sink
from feeds.schedule import JITTER, LONGEST_S, Schedule, Standing

NOW = dt.datetime(2026, 11, 25, tzinfo=dt.UTC)


class Script:
    """A feed that answers as it is told."""

    code, interval_s = "one", 60.0

    def __init__(self, *rounds: Round | Exception) -> None:
        self.rounds = list(rounds)

    async def look(self, sink: Sink) -> Round:
        said = self.rounds.pop(0)
        if isinstance(said, Exception):
            raise said
        return said


@given(st.integers(0, 1_000), st.floats(0, 1), st.floats(5, 86_400))
def test_the_pause_grows_with_failures_within_bounds(failures: int, chance: float, interval_s: float) -> None:
    pause = Standing(interval_s=interval_s, failures=failures).pause_s(chance)
    longest = max(interval_s, LONGEST_S)
    assert interval_s * (1 - JITTER) <= pause <= longest * (1 + JITTER)
    if failures:
        assert pause >= min(2 * interval_s, longest) * (1 - JITTER)


async def test_a_feed_that_fails_is_asked_more_seldom_until_it_answers() -> None:
    waited: list[float] = []
    feed = Script(FeedError("timeout", "no answer"), OSError(), Round(listed=3, kept=2, missing=1, why="503"), Round())

    async def wait(seconds: float) -> None:
        waited.append(seconds)
        if not feed.rounds:
            await asyncio.Event().wait()

    schedule = Schedule([feed], lambda code: None, now=lambda: NOW, chance=lambda: 0.5, wait=wait)  # type: ignore[arg-type, return-value]
    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        work = tasks.create_task(schedule.run(), name="schedule")
        while feed.rounds or len(waited) < 5:
            await asyncio.sleep(0)
        work.cancel()
    assert waited == [3.0, 120.0, 240.0, 60.0, 60.0]


async def test_a_standing_tells_what_came_and_what_is_missing() -> None:
    feed = Script(Round(listed=3, kept=2, missing=1, why="a message answers with status 503"), Round(), ValueError("x"))
    schedule = Schedule([feed], lambda code: None, now=lambda: NOW, chance=lambda: 0.5)  # type: ignore[arg-type, return-value]
    standing = schedule.standings["one"]
    await schedule.look(feed)
    assert (standing.error, standing.listed, standing.kept, standing.missing) == ("incomplete", 3, 2, 1)
    await schedule.look(feed)
    assert (standing.error, standing.listed, standing.missing) == ("", 3, 0)
    await schedule.look(feed)
    assert (standing.error, standing.failures, standing.looks) == ("not_kept", 1, 3)
    assert standing.freshness(NOW) == "fresh"
    assert standing.freshness(NOW + dt.timedelta(seconds=121)) == "stale"
    assert standing.freshness(NOW + dt.timedelta(seconds=301)) == "lost"
