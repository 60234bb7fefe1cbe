"""Looks for things by their names, under the transaction's scope."""

import datetime as dt
from collections.abc import Sequence
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, UUID

from gis.layers import UNSHOWN
from gis.position import Position
from ioc.finding import Found, fold, patterns, rank
from ioc.store.database import Row, Transaction
from ioc.store.statements import Prepared, prepare
from ioc.store.tables import AREAS, CAMERAS, DEVICES, INCIDENTS
from ioc.store.tables_tickets import TICKETS


def _axes(table: sa.Table, name: str = "geom") -> tuple[sa.ColumnElement[Any], sa.ColumnElement[Any]]:
    return sa.func.st_x(table.c[name]).label("lon"), sa.func.st_y(table.c[name]).label("lat")


def _at(row: Row) -> tuple[float, float] | None:
    return None if row["lon"] is None else (row["lon"], row["lat"])


@cache
def _things(table: sa.Table) -> Prepared:
    """The best first: the whole name or code, then what begins so, then the rest.

    The patterns are bound whole: what is put together in the statement is put together for each row.
    """
    folded = table.c.folded

    def fits(*names: str) -> sa.ColumnElement[bool]:
        return sa.or_(*(folded.like(sa.bindparam(name, type_=sa.Text)) for name in names))

    order = sa.case((fits("name", "code"), 0), (fits("names", "codes"), 1), else_=2)
    every = folded.like(sa.all_(sa.bindparam("patterns", type_=ARRAY(sa.Text))))
    columns = (table.c.code, table.c.name, table.c.state, *_axes(table))
    shown = table.c.lifecycle.not_in([sa.literal_column(f"'{word}'") for word in UNSHOWN])
    found = sa.select(*columns).where(every, shown).order_by(order, table.c.name, table.c.code)
    return prepare(found.limit(sa.bindparam("most", type_=sa.BigInteger)))


async def devices(transaction: Transaction, sought: Sequence[str], most: int) -> list[Found]:
    """Devices by name or code."""
    return await _places(transaction, DEVICES, "device", sought, most)


async def cameras(transaction: Transaction, sought: Sequence[str], most: int) -> list[Found]:
    """Cameras by name or code."""
    return await _places(transaction, CAMERAS, "camera", sought, most)


async def _places(
    transaction: Transaction, table: sa.Table, kind: str, sought: Sequence[str], most: int
) -> list[Found]:
    whole = " ".join(sought)
    values = {"name": f" {whole} |%", "code": f"% | {whole} |", "names": f" {whole}%", "codes": f"% | {whole}%"}
    return [
        Found(
            kind=kind,
            id=row["code"],
            names=(row["name"], row["code"]),
            detail=row["code"],
            position=_at(row),
            state=row["state"],
        )
        for row in await transaction.fetch(_things(table), patterns=patterns(sought), most=most, **values)
    ]


@cache
def _search() -> Prepared:
    sought = sa.func.search_incidents(
        sa.bindparam("words", type_=ARRAY(sa.Text)), sa.bindparam("most", type_=sa.Integer)
    )
    return prepare(sa.select(sought.label("id")))


@cache
def _incidents() -> Prepared:
    names = ("id", "title", "title_en", "area_name", "severity", "status")
    columns = [INCIDENTS.c[name] for name in names]
    wanted = INCIDENTS.c.id == sa.any_(sa.bindparam("ids", type_=ARRAY(UUID(as_uuid=True))))
    return prepare(sa.select(*columns, INCIDENTS.c.ended_at, *_axes(INCIDENTS)).where(wanted))


async def incidents(transaction: Transaction, sought: Sequence[str], most: int) -> list[Found]:
    """Incidents in whose title or area each word begins a word: open ones first, the worst and newest among them.

    What the search names is read once more under the policy, which has the last word.
    """
    ids = [row["id"] for row in await transaction.fetch(_search(), words=list(sought), most=most)]
    rows = {row["id"]: row for row in await transaction.fetch(_incidents(), ids=ids)}
    return [
        Found(
            kind="incident",
            id=str(row["id"]),
            names=tuple(name for name in (row["title"], row["title_en"]) if name),
            detail=row["area_name"] or "",
            position=_at(row),
            state=row["status"],
            severity=row["severity"],
            over=row["ended_at"] is not None,
        )
        for row in (rows[one] for one in ids if one in rows)
    ]


@cache
def _ticket() -> Prepared:
    columns = [TICKETS.c[name] for name in ("id", "number", "title", "area_name", "severity", "state", "closed_at")]
    wanted = TICKETS.c.number == sa.bindparam("number", type_=sa.BigInteger)
    return prepare(sa.select(*columns, *_axes(TICKETS)).where(wanted))


async def tickets(transaction: Transaction, number: int) -> list[Found]:
    """The ticket of that number."""
    return [
        Found(
            kind="ticket",
            id=str(row["id"]),
            names=(f"#{row['number']} {row['title']}", str(row["number"])),
            detail=row["area_name"] or "",
            position=_at(row),
            state=row["state"],
            severity=row["severity"],
            over=row["closed_at"] is not None,
        )
        for row in await transaction.fetch(_ticket(), number=number)
    ]


@cache
def _areas() -> Prepared:
    columns = [AREAS.c[name] for name in ("fid", "name", "kind", "valid_from", "valid_to", "successors")]
    return prepare(sa.select(*columns, *_axes(AREAS, "label")).order_by(AREAS.c.level, AREAS.c.fid))


def _short(name: str, kind: str) -> str:
    return name.removeprefix(kind).strip() or name


async def areas(transaction: Transaction, sought: Sequence[str], day: dt.date, most: int) -> list[Found]:
    """Administrative units by name, with or without what they are called (Xã, Huyện): those of the day and earlier
    ones, which tell their last day and what followed them."""
    rows = await transaction.fetch(_areas())
    names = {row["fid"]: _short(row["name"], row["kind"]) for row in rows}
    found = []
    for row in rows:
        if row["valid_from"] > day or (best := _fits(row, names[row["fid"]], sought)) is None:
            continue
        over = row["valid_to"] is not None and row["valid_to"] <= day
        found.append((best, over, _area(row, names, over)))
    found.sort(key=lambda one: one[:2])
    return [one for *_, one in found[:most]]


def _fits(row: Row, short: str, sought: Sequence[str]) -> int | None:
    ranks = [rank(fold(name), sought) for name in (row["name"], short)]
    return min((one for one in ranks if one is not None), default=None)


def _area(row: Row, names: dict[str, str], over: bool) -> Found:
    return Found(
        kind="area",
        id=row["fid"],
        names=(row["name"], names[row["fid"]]),
        detail=row["kind"],
        position=_at(row),
        until=row["valid_to"] - dt.timedelta(days=1) if over else None,
        successors=tuple(names[fid] for fid in row["successors"] or () if fid in names) if over else (),
        over=over,
    )


@cache
def _around() -> Prepared:
    point = sa.func.st_setsrid(
        sa.func.st_makepoint(sa.bindparam("lon", type_=sa.Double), sa.bindparam("lat", type_=sa.Double)),
        sa.literal_column("4326"),
    )
    day = sa.bindparam("day", type_=sa.Date)
    valid = sa.and_(AREAS.c.valid_from <= day, sa.or_(AREAS.c.valid_to.is_(None), AREAS.c.valid_to > day))
    lies = sa.func.st_covers(AREAS.c.geom, point)
    return prepare(sa.select(AREAS.c.name).where(valid, lies).order_by(AREAS.c.level.desc(), AREAS.c.fid).limit(1))


async def around(transaction: Transaction, at: Position, day: dt.date) -> str:
    """The name of the smallest unit in which a place lies on the day, empty outside of all."""
    rows = await transaction.fetch(_around(), lon=at.lon, lat=at.lat, day=day)
    return rows[0]["name"] if rows else ""
