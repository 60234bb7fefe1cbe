"""What the intakes say in the state dir, put together, and forgotten when they fall silent."""

import asyncio
import datetime as dt
from pathlib import Path
from typing import Any

import msgspec

from ioc.intake_state import ONLY, IntakeState, heard, metrics, path_of, read_states, tell, together
from ioc.kept import ROOM
from ioc.store.spool import State
from tests.fakes.things import NOW


def state(**changed: Any) -> IntakeState:
    plain: dict[str, Any] = {"at": NOW, "pid": 7, "listening": True, "acknowledging": True, "why": ""}
    return IntakeState(**plain | changed)


AWAY = state(
    why="store_away",
    spool=State(away="store_away", away_since=NOW, bytes=10, batches=1, messages=5, oldest_at=NOW),
    figures={"retries": 2},
)
STOPPED = state(acknowledging=False, why="spool_full", spool=State(stopped="spool_full", bytes=20, messages=6))


async def test_what_is_told_is_read_until_it_is_old(tmp_path: Path) -> None:
    path = path_of(tmp_path, ONLY)
    assert path.name == "intake.json"
    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        telling = tasks.create_task(tell(path, lambda: AWAY), name="tell")
        while not path.exists():
            await asyncio.sleep(0.01)
        telling.cancel()
    assert path.stat().st_mode & 0o777 == 0o600
    assert read_states(tmp_path, NOW) == [AWAY]
    assert (heard(tmp_path, NOW) or {})["spool_messages"] == 5
    late = NOW + dt.timedelta(seconds=16)
    assert read_states(tmp_path, late) == []
    assert heard(tmp_path, late) == {"ready": False, "seen_at": NOW}
    assert heard(tmp_path / "elsewhere", NOW) is None


def test_several_intakes_are_one_picture_the_worst_first(tmp_path: Path) -> None:
    for client, one in ((ONLY, AWAY), ("ioc-intake-2", STOPPED), ("ioc-intake-3", state())):
        path_of(tmp_path, client).write_bytes(msgspec.json.encode(one))
    (tmp_path / "intake-4.json").write_bytes(b"{half")
    states = read_states(tmp_path, NOW)
    assert len(states) == 3
    seen = together(states) or {}
    assert (seen["ready"], seen["acknowledging"], seen["why"]) == (False, False, "spool_full")
    assert (seen["spool_bytes"], seen["spool_messages"], seen["away_since"]) == (30, 11, NOW)
    told = metrics(states, NOW + dt.timedelta(seconds=4))
    assert told["ioc_intake_spool_bytes"] == 30
    assert told["ioc_intake_spool_oldest_seconds"] == 4
    assert (told["ioc_intake_acknowledging"], told["ioc_intake_store_away"]) == (0, 1)
    assert told["ioc_intake_retries_total"] == 2


def test_where_nobody_speaks_nothing_is_told() -> None:
    assert together([]) is None
    assert metrics([], NOW) == {}
    assert state().ready
    assert not AWAY.ready
    assert not state(listening=False).ready


def test_a_state_fits_into_its_note() -> None:
    large = {f"refused_a_rather_long_code_{number}": 10**12 for number in range(50)}
    assert len(msgspec.json.encode(msgspec.structs.replace(AWAY, figures=large))) < ROOM
