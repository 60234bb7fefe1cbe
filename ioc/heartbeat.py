"""Each process says every few seconds that it works; whoever asks hears of all of them."""

import asyncio
import datetime as dt
import logging
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from ioc.access.scope import EVERYTHING
from ioc.store import parts
from ioc.store.database import Database

log = logging.getLogger(__name__)

FIRST_S = 0.2
EVERY_S = 5.0
SILENT_AFTER = dt.timedelta(seconds=15)
EXPECTED = ("serve", "intake", "cameras")


class Pulse(msgspec.Struct, frozen=True):
    """Whether the process does its work, and its figures."""

    ready: bool
    figures: Mapping[str, int]


async def beat(database: Database, name: str, pulse: Callable[[], Pulse], now: Callable[[], dt.datetime]) -> None:
    """Say how it stands, often until ready and then every five seconds, until cancelled."""
    while True:
        said = pulse()
        part = parts.Part(name=name, ready=said.ready, state=dict(said.figures), seen_at=now())
        try:
            async with database.transaction(EVERYTHING) as transaction:
                await parts.enter(transaction, part)
        except Exception as error:
            log.warning("the heartbeat of %s was not taken (%s)", name, type(error).__name__)
        await asyncio.sleep(EVERY_S if said.ready else FIRST_S)


async def readiness(database: Database, now: Callable[[], dt.datetime]) -> tuple[bool, Mapping[str, Any]]:
    """Whether all parts work, and what each said last."""
    async with database.transaction(EVERYTHING, read_only=True) as transaction:
        seen = await parts.all_parts(transaction)
    silent = now() - SILENT_AFTER
    states = {
        name: {"ready": part.ready and part.seen_at >= silent, "seen_at": part.seen_at, **part.state}
        for name, part in seen.items()
    }
    return all(states.get(name, {}).get("ready", False) for name in EXPECTED), states
