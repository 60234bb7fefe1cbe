"""What the intake says of itself in the state dir, where it can be read while PostgreSQL is away."""

import asyncio
import datetime as dt
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from ioc import kept
from ioc.store.spool import State

log = logging.getLogger(__name__)

NAME = "intake"
EVERY_S = 1.0
SILENT_AFTER = dt.timedelta(seconds=15)
ONLY = "ioc-intake"
"""Client id of the intake that runs alone; others have theirs in the name of the file."""


class IntakeState(msgspec.Struct, frozen=True, kw_only=True):
    """How an intake stood at `at` (UTC). `why` is a code, empty when all is well; `figures` are counters.

    `ready`: it listens, acknowledges, and PostgreSQL takes what it brings.
    """

    at: dt.datetime
    pid: int
    listening: bool
    acknowledging: bool
    why: str
    spool: State = State()
    figures: Mapping[str, int] = {}

    @property
    def ready(self) -> bool:
        """Whether nothing is to be told."""
        return self.listening and self.acknowledging and not self.why


def path_of(folder: Path, client: str) -> Path:
    """Where an intake with a client id says how it stands."""
    return folder / (f"{NAME}.json" if client == ONLY else f"{NAME}-{client}.json")


async def tell(path: Path, state: Callable[[], IntakeState]) -> None:
    """Write the state every second until cancelled."""
    failing = False
    while True:
        try:
            await asyncio.to_thread(kept.note, path, msgspec.json.encode(state()))
            failing = False
        except OSError as error:
            if not failing:
                log.error("%s cannot be written (%s)", path, error.strerror)
            failing = True
        await asyncio.sleep(EVERY_S)


def read_states(folder: Path, now: dt.datetime) -> list[IntakeState]:
    """What the intakes of a state dir said within the last fifteen seconds; damaged files say nothing."""
    return [state for state in _all_states(folder) if now - state.at <= SILENT_AFTER]


def heard(folder: Path, now: dt.datetime) -> dict[str, Any] | None:
    """What is known of the intakes by the state dir alone; None where there never was one."""
    everything = _all_states(folder)
    told = together([state for state in everything if now - state.at <= SILENT_AFTER])
    if told is None and everything:
        return {"ready": False, "seen_at": max(state.at for state in everything)}
    return told


def _all_states(folder: Path) -> list[IntakeState]:
    found = []
    for path in sorted(folder.glob(f"{NAME}*.json")):
        with suppress(OSError, msgspec.DecodeError):
            found.append(msgspec.json.decode(path.read_bytes(), type=IntakeState))
    return found


def together(states: list[IntakeState]) -> dict[str, Any] | None:
    """One picture of several intakes: the worst of each, and the sums. None where nobody said anything."""
    if not states:
        return None
    spools = [state.spool for state in states]
    worst = min(states, key=lambda state: (state.acknowledging, not state.why))
    since = [one.away_since for one in spools if one.away_since is not None]
    oldest = [one.oldest_at for one in spools if one.oldest_at is not None]
    return {
        "ready": all(state.ready for state in states),
        "seen_at": min(state.at for state in states),
        "listening": all(state.listening for state in states),
        "acknowledging": all(state.acknowledging for state in states),
        "why": worst.why,
        "away_since": min(since, default=None),
        "waiting_since": min(oldest, default=None),
    } | {
        f"spool_{name}": sum(int(getattr(one, name)) for one in spools)
        for name in ("bytes", "limit", "batches", "messages", "damaged", "cut", "sync_failures")
    }


def metrics(states: list[IntakeState], now: dt.datetime) -> dict[str, float]:
    """Figures for Prometheus; none where nobody said anything."""
    seen = together(states)
    if seen is None:
        return {}
    waiting = seen["waiting_since"]
    told = {f"ioc_intake_{name}": float(seen[name]) for name in seen if name.startswith("spool_")}
    told["ioc_intake_spool_oldest_seconds"] = 0.0 if waiting is None else (now - waiting).total_seconds()
    told["ioc_intake_acknowledging"] = float(seen["acknowledging"])
    told["ioc_intake_store_away"] = float(seen["away_since"] is not None)
    told["ioc_intake_retries_total"] = float(sum(state.figures.get("retries", 0) for state in states))
    return told
