"""Looks at feeds again and again: with jitter, so that not all are asked at once, and more seldom while one fails."""

import asyncio
import datetime as dt
import logging
from collections.abc import Awaitable, Callable, Sequence

import msgspec

from feeds.feed import Feed, FeedError, Round, Sink
from gis.freshness import freshness

log = logging.getLogger(__name__)

JITTER = 0.1
"""Part of the interval by which a look may come sooner or later."""

LONGEST_S = 900.0
"""Seconds between two looks at a feed that fails, at the most; one whose own interval is longer keeps to that."""

Wait = Callable[[float], Awaitable[None]]


class Standing(msgspec.Struct, kw_only=True):
    """How a feed stands. `heard_at` is when it last answered as it should, `failures` are those since then."""

    interval_s: float
    heard_at: dt.datetime | None = None
    failures: int = 0
    error: str = ""
    reason: str = ""
    looks: int = 0
    listed: int = 0
    missing: int = 0
    kept: int = 0
    repeated: int = 0
    refused: int = 0

    def took(self, done: Round, now: dt.datetime) -> None:
        """A look went well."""
        self.heard_at, self.failures, self.error = now, 0, "incomplete" if done.missing else ""
        self.reason = done.why
        self.looks += 1
        if done.listed:
            self.listed = done.listed
        self.missing = done.missing
        self.kept += done.kept
        self.repeated += done.repeated
        self.refused += done.refused

    def failed(self, code: str, reason: str) -> None:
        """A look came to nothing."""
        self.looks += 1
        self.failures += 1
        self.error, self.reason = code, reason

    def freshness(self, now: dt.datetime) -> str:
        """`fresh`, `stale` or `lost`, by the interval in which it is expected to answer."""
        return freshness(self.heard_at, self.interval_s, now)

    def pause_s(self, chance: float) -> float:
        """Seconds to the next look; `chance` is in 0..1. Each failure doubles them."""
        most = max(self.interval_s, LONGEST_S)
        wanted = min(self.interval_s * 2.0 ** min(self.failures, 20), most)
        return wanted * (1.0 + JITTER * (2.0 * chance - 1.0))


class Schedule:
    """Runs feeds side by side. `wait` waits so many seconds (monotonic), `chance` draws from 0..1."""

    def __init__(
        self,
        feeds: Sequence[Feed],
        sink: Callable[[str], Sink],
        *,
        now: Callable[[], dt.datetime],
        chance: Callable[[], float],
        wait: Wait = asyncio.sleep,
    ) -> None:
        self._feeds = feeds
        self._sink = sink
        self._now = now
        self._chance = chance
        self._wait = wait
        self.standings = {feed.code: Standing(interval_s=feed.interval_s) for feed in feeds}

    async def run(self) -> None:
        """Until cancelled. The first looks are spread over a tenth of each interval."""
        async with asyncio.TaskGroup() as tasks:
            for feed in self._feeds:
                tasks.create_task(self._follow(feed), name=f"feed-{feed.code}")

    async def _follow(self, feed: Feed) -> None:
        await self._wait(JITTER * feed.interval_s * self._chance())
        while True:
            await self.look(feed)
            await self._wait(self.standings[feed.code].pause_s(self._chance()))

    async def look(self, feed: Feed) -> None:
        """One look; what goes wrong is in the feed's standing, and in the log when it is new."""
        standing = self.standings[feed.code]
        before = standing.error
        try:
            standing.took(await feed.look(self._sink(feed.code)), self._now())
        except FeedError as error:
            standing.failed(error.code, str(error))
        except Exception as error:
            standing.failed("not_kept", f"what it brought could not be kept ({type(error).__name__})")
            log.warning("feed %s: what it brought could not be kept", feed.code, exc_info=standing.failures == 1)
        if standing.error != before:
            if standing.error:
                log.warning("feed %s: %s: %s", feed.code, standing.error, standing.reason)
            else:
                log.info("feed %s answers again", feed.code)
