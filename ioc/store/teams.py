"""Teams of units, and who is on duty for a unit when."""

import datetime as dt
import functools
import uuid
from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TIMESTAMP

from ioc.store.database import Row, Transaction
from ioc.store.statements import adding, inserting
from ioc.store.tables import ACCOUNTS
from ioc.store.tables_duty import DUTIES, TEAMS


class Team(msgspec.Struct, frozen=True, kw_only=True):
    """Who works together for a unit; `members` are logins. `centre` is that of the unit."""

    unit: str
    code: str
    centre: str
    name: str
    members: tuple[str, ...]
    version: int
    updated_at: dt.datetime


class Duty(msgspec.Struct, frozen=True, kw_only=True):
    """A time on duty for a unit: of a person, or of every member of a team (`login` empty). What was laid out by one
    call has one `series`."""

    id: uuid.UUID
    series: uuid.UUID
    unit: str
    team: str
    login: str
    centre: str
    starts: dt.datetime
    until: dt.datetime
    note: str
    created_by: str
    created_at: dt.datetime


class Roster(msgspec.Struct, frozen=True, kw_only=True):
    """Logins of a unit's enabled accounts: on duty at a moment (the longest first), and of all its teams."""

    on_duty: tuple[str, ...]
    members: tuple[str, ...]


class Worker(msgspec.Struct, frozen=True, kw_only=True):
    """An enabled account that may work on tickets."""

    login: str
    name: str
    role: str
    centre: str | None


async def roster(transaction: Transaction, unit: str, now: dt.datetime | None = None) -> Roster:
    """Who is on duty for a unit (at no moment: nobody), and who is in its teams; whatever the transaction's scope."""
    rows = await transaction.rows(_roster(), unit=unit, moment=now)
    by = {how: tuple(row["login"] for row in rows if row["how"] == how) for how in ("duty", "team")}
    return Roster(on_duty=by["duty"], members=by["team"])


@functools.cache
def _roster() -> sa.Select[Any]:
    call = sa.func.ioc_roster(
        sa.bindparam("unit", type_=sa.Text), sa.bindparam("moment", type_=TIMESTAMP(timezone=True))
    ).table_valued(sa.column("login", sa.Text), sa.column("how", sa.Text))
    return sa.select(call.c.login, call.c.how)


async def workers(transaction: Transaction) -> list[Worker]:
    """Every enabled account of a role that works on tickets, by login."""
    return [_worker(row) for row in await transaction.rows(_workers())]


@functools.cache
def _workers() -> sa.Select[Any]:
    columns = (ACCOUNTS.c[name] for name in Worker.__struct_fields__)
    working = ACCOUNTS.c.role.in_(("admin", "operator", "district"))
    return sa.select(*columns).where(working, ACCOUNTS.c.disabled_at.is_(None)).order_by(ACCOUNTS.c.login)


def _worker(row: Row) -> Worker:
    return Worker(**{name: row[name] for name in Worker.__struct_fields__})


def _team(row: Row) -> Team:
    values = {name: row[name] for name in Team.__struct_fields__}
    return Team(**values | {"members": tuple(row["members"])})


async def listed(transaction: Transaction, unit: str = "") -> list[Team]:
    """The teams that the reader sees, of one unit or of all, by unit and code."""
    wanted = sa.select(TEAMS).order_by(TEAMS.c.unit, TEAMS.c.code)
    return [_team(row) for row in await transaction.rows(wanted.where(TEAMS.c.unit == unit) if unit else wanted)]


async def one(transaction: Transaction, unit: str, code: str, *, lock: bool = False) -> Team | None:
    """A team, if it is there to be seen; `lock` holds it against other writers."""
    wanted = sa.select(TEAMS).where(TEAMS.c.unit == unit, TEAMS.c.code == code)
    row = await transaction.row(wanted.with_for_update() if lock else wanted)
    return None if row is None else _team(row)


async def create(transaction: Transaction, team: Team) -> bool:
    """Enter a team; False when the unit has one of this code."""
    values = {name: getattr(team, name) for name in Team.__struct_fields__}
    statement = adding(TEAMS, *(column.name for column in TEAMS.columns))
    tag = await transaction.run(statement, **values | {"members": list(team.members), "area": ""})
    return tag == "INSERT 0 1"


async def renew(transaction: Transaction, team: Team) -> None:
    """Keep a team's name, members and version."""
    changed = {"name": team.name, "members": list(team.members), "version": team.version}
    statement = sa.update(TEAMS).where(TEAMS.c.unit == team.unit, TEAMS.c.code == team.code)
    await transaction.run(statement.values(updated_at=team.updated_at, **changed))


async def move(transaction: Transaction, unit: str, centre: str) -> None:
    """Give the teams and the rosters of a unit the centre that the unit has now."""
    for table in (TEAMS, DUTIES):
        await transaction.run(sa.update(table).where(table.c.unit == unit).values(centre=centre))


async def remove(transaction: Transaction, unit: str, code: str) -> None:
    """Remove a team, and its times on duty."""
    await transaction.run(sa.delete(DUTIES).where(DUTIES.c.unit == unit, DUTIES.c.team == code))
    await transaction.run(sa.delete(TEAMS).where(TEAMS.c.unit == unit, TEAMS.c.code == code))


def _duty(row: Row) -> Duty:
    return Duty(**{name: row[name] for name in Duty.__struct_fields__})


async def lay_out(transaction: Transaction, duties: Sequence[Duty]) -> None:
    """Enter times on duty."""
    rows = [{name: getattr(one, name) for name in Duty.__struct_fields__} | {"area": ""} for one in duties]
    await transaction.run_many(inserting(DUTIES), rows)


async def duties(
    transaction: Transaction, start: dt.datetime, end: dt.datetime, limit: int, *, unit: str = "", login: str = ""
) -> list[Duty]:
    """The times on duty that the reader sees and that touch a span, by their beginning; of a unit, of a person."""
    wanted = [DUTIES.c.until > start, DUTIES.c.starts < end]
    wanted += [DUTIES.c.unit == unit] if unit else []
    wanted += [DUTIES.c.login == login] if login else []
    statement = sa.select(DUTIES).where(*wanted).order_by(DUTIES.c.starts, DUTIES.c.unit, DUTIES.c.id).limit(limit)
    return [_duty(row) for row in await transaction.rows(statement)]


async def duty(transaction: Transaction, duty_id: uuid.UUID) -> Duty | None:
    """A time on duty, if it is there to be seen; held against other writers."""
    row = await transaction.row(sa.select(DUTIES).where(DUTIES.c.id == duty_id).with_for_update())
    return None if row is None else _duty(row)


async def take_off(transaction: Transaction, duty: Duty, *, later: bool = False) -> int:
    """Remove a time on duty, with `later` also those of its series that begin after it; how many were removed."""
    same = DUTIES.c.id == duty.id
    if later:
        same = sa.and_(DUTIES.c.series == duty.series, DUTIES.c.starts >= duty.starts)
    tag = await transaction.run(sa.delete(DUTIES).where(same))
    return int(tag.rpartition(" ")[2])
