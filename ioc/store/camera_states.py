"""How cameras are: entered by the process that watches them, read by the one that tells of losses."""

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping
from typing import LiteralString

from cameras.grade import Rating
from cameras.health import DOWN, State
from gis.position import Position
from ioc.incidents.alarm import Source
from ioc.incidents.blackout import Watched
from ioc.store.database import Transaction

_ENTER: LiteralString = """
update cameras set state = $2, state_since = $3, reason = $4, picture_before = $5, picture_after = $6,
  down_since = case when $2 = any ($7::text[]) then coalesce(down_since, $3)
                    when $2 = 'degraded' then down_since end
where code = $1
"""

_GRADE: LiteralString = """
update cameras c set grade = $2, fps = $3, fps_expected = $4, reconnects = $5, stalls = $6
from (select code, grade from cameras where code = $1 for update) before
where c.code = before.code
returning before.grade is distinct from $2
"""

_ALL: LiteralString = """
select code, name, centre, area, link, state, state_since, down_since, reason, picture_before, picture_after,
  st_x(geom) as lon, st_y(geom) as lat
from cameras c
where lifecycle = 'active' and exists (select from camera_addresses a where a.code = c.code) order by code
"""
"""A camera without an address of ours is told of by its maker's recorder, and no process of ours watches it."""

_AWAY: LiteralString = """
update cameras c set state = 'silent', state_since = $1, reason = $2, picture_before = null, picture_after = null,
  down_since = null
from (select code from cameras n
      where lifecycle = 'active' and reason <> $2 and exists (select from camera_addresses a where a.code = n.code)
      order by code for update of n) held
where c.code = held.code
returning c.code
"""
"""By code, as whoever changes many records holds them (`register_bulk.held`)."""

_HEARD: LiteralString = "select max(seen_at) from parts where name like 'cameras%'"

_UNWATCHED: LiteralString = "select code from cameras where reason = $1"

AWAY = "nobody watches the cameras: their process is away"
"""The reason of every camera's state while the process that watches them is away."""

GONE = "it is watched no more"
"""The reason of a camera that is no longer watched on purpose: it is silent and not lost."""

_DOWN = [state.value for state in DOWN]


async def enter(
    transaction: Transaction,
    code: str,
    state: State,
    since: dt.datetime,
    reason: str,
    pictures: tuple[uuid.UUID | None, uuid.UUID | None] = (None, None),
) -> None:
    """Enter a camera's new state, why, and the pictures from before and after it (ids of media)."""
    down = [] if reason == GONE else _DOWN
    await transaction.connection.execute(_ENTER, code, state.value, since, reason, *pictures, down)


async def enter_grade(transaction: Transaction, code: str, figures: Rating) -> bool:
    """Enter how good a camera's stream is; whether its grade changed."""
    one = figures
    row = [one.grade, one.fps, one.expected_fps, one.reconnects, one.stalls]
    return bool(await transaction.connection.fetchval(_GRADE, code, *row))


async def all_cameras(transaction: Transaction) -> tuple[list[Watched], Mapping[str, Source]]:
    """Every camera that we watch as it is now, and where each stands."""
    rows = await transaction.connection.fetch(_ALL)
    watched = [
        Watched(
            code=row["code"],
            group=row["link"] or row["centre"],
            linked=bool(row["link"]),
            state=State(row["state"]),
            since=row["state_since"],
            down_since=row["down_since"],
            reason=row["reason"],
            before=str(row["picture_before"] or ""),
            after=str(row["picture_after"] or ""),
            known=row["reason"] != AWAY,
        )
        for row in rows
    ]
    return watched, {
        row["code"]: Source(
            code=row["code"],
            name=row["name"],
            centre=row["centre"],
            area=row["area"],
            position=Position(lon=row["lon"], lat=row["lat"]),
        )
        for row in rows
    }


async def heard_at(transaction: Transaction) -> dt.datetime | None:
    """When a process that watches cameras gave its last sign of life; None when there never was one."""
    found: dt.datetime | None = await transaction.connection.fetchval(_HEARD)
    return found


async def nobody_watches(transaction: Transaction, now: dt.datetime) -> list[str]:
    """Enter that no camera is watched, since what was seen last is not so for ever; those that this changes."""
    return [row["code"] for row in await transaction.connection.fetch(_AWAY, now, AWAY)]


async def unwatched(transaction: Transaction, known: Iterable[str]) -> set[str]:
    """Those of the known cameras that are entered as watched by nobody."""
    found = {row["code"] for row in await transaction.connection.fetch(_UNWATCHED, AWAY)}
    return found & set(known)
