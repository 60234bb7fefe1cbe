"""Each process says every few seconds that it works; whoever asks hears of all of them."""

import asyncio
import datetime as dt
import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from ioc.access.scope import EVERYTHING
from ioc.intake_state import heard
from ioc.store import parts
from ioc.store.away import AWAY
from ioc.store.database import Database

log = logging.getLogger(__name__)

FIRST_S = 0.2
EVERY_S = 5.0
SILENT_AFTER = dt.timedelta(seconds=15)
ANSWER_S = 2.0
"""Seconds after which PostgreSQL counts as away for whoever asks how the parts are."""

EXPECTED = ("serve", "intake", "cameras")


Figure = int | str | Mapping[str, Mapping[str, int]]
"""A number or word, or numbers of several things by their code."""


class Pulse(msgspec.Struct, frozen=True):
    """Whether the process does its work, and its figures; `why` among them says in one word why it does not."""

    ready: bool
    figures: Mapping[str, Figure]


async def beat(database: Database, name: str, pulse: Callable[[], Pulse], now: Callable[[], dt.datetime]) -> None:
    """Say how it stands, often until ready and then every five seconds, until cancelled."""
    heard = True
    while True:
        said = pulse()
        part = parts.Part(name=name, ready=said.ready, state=dict(said.figures), seen_at=now())
        try:
            async with database.within(EVERY_S).transaction(EVERYTHING) as transaction:
                await parts.enter(transaction, part)
            if not heard:
                log.info("PostgreSQL takes the heartbeat of %s again", name)
            heard = True
        except Exception as error:
            if heard:
                log.warning("PostgreSQL does not take the heartbeat of %s (%s)", name, type(error).__name__)
            heard = False
        await asyncio.sleep(EVERY_S if said.ready else FIRST_S)


async def readiness(
    database: Database, now: Callable[[], dt.datetime], folder: Path | None = None, more: Sequence[str] = ()
) -> tuple[bool, Mapping[str, Any]]:
    """Whether all parts work, and what each said last; `more` are parts that are expected beside the usual ones.

    `folder` is the state dir, where the intake says how it stands; that is newer than what PostgreSQL knows, and all
    that is known while PostgreSQL is away: then `database` is told as not ready, and of the others nothing.
    """
    said = None if folder is None else await asyncio.to_thread(heard, folder, now())
    try:
        states = await _stored(database.within(ANSWER_S), now)
        ready = True
    except AWAY:
        states = {"database": {"ready": False}, "serve": {"ready": True, "seen_at": now()}}
        ready = False
    if said is not None:
        states["intake"] = states.get("intake", {}) | said
    return ready and all(states.get(name, {}).get("ready", False) for name in (*EXPECTED, *more)), states


async def _stored(database: Database, now: Callable[[], dt.datetime]) -> dict[str, dict[str, Any]]:
    async with database.transaction(EVERYTHING, read_only=True) as transaction:
        seen = await parts.all_parts(transaction)
    silent = now() - SILENT_AFTER
    return {
        name: {"ready": part.ready and part.seen_at >= silent, "seen_at": part.seen_at, **part.state}
        for name, part in seen.items()
    }
