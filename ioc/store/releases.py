"""Releases of administrative units as they were loaded, and the units and centres that they bring."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, LiteralString

import msgspec
import shapely
import sqlalchemy as sa

from gis.areas import Area
from ioc.registration.succession import Plan, Share
from ioc.store.database import Row, Transaction
from ioc.store.registry import point
from ioc.store.statements import inserting, locking
from ioc.store.tables import CENTRE_AREAS, CENTRES
from ioc.store.tables_releases import AREA_RELEASES

LOCK = 7_235_033
"""Advisory lock of who loads a release, moves things to new units, or merges centres."""


class Loaded(msgspec.Struct, frozen=True, kw_only=True):
    """A release that was loaded. `moved_at` None: what it moves, moves on its day."""

    name: str
    sha256: str
    effective: dt.date
    source: str
    loaded_at: dt.datetime
    loaded_by: str
    entered: int
    closed: int
    kept: int
    shares: tuple[Share, ...]
    notes: tuple[str, ...]
    moved_at: dt.datetime | None
    moved: dict[str, Any] | None


async def alone(transaction: Transaction) -> None:
    """Keep others who change units or centres waiting until the transaction ends."""
    await transaction.run(locking(LOCK))


async def serves(transaction: Transaction) -> dict[str, str]:
    """Feature id -> the centre that serves the unit; units without one are the province's centre's."""
    rows = await transaction.rows(sa.select(CENTRE_AREAS.c.area, CENTRE_AREAS.c.centre).order_by(CENTRE_AREAS.c.centre))
    return {row["area"]: row["centre"] for row in rows}


async def centres(transaction: Transaction) -> dict[str, str]:
    """Centre -> its kind."""
    return {row["code"]: row["kind"] for row in await transaction.rows(sa.select(CENTRES.c.code, CENTRES.c.kind))}


def province_of(kinds: Mapping[str, str]) -> str:
    """The centre of the province; empty before there is any."""
    return min((code for code, kind in kinds.items() if kind == "province"), default="")


_CLOSE: LiteralString = """
update areas a set valid_to = $2, successors = array(select jsonb_array_elements_text(n.successors))
from jsonb_to_recordset($1) as n (fid text, successors jsonb) where a.fid = n.fid
"""

_ENTER: LiteralString = """
insert into areas (fid, code, name, kind, level, parent, valid_from, label, geom)
select fid, code, name, kind, level, parent, valid_from, st_geomfromewkt(label),
       st_geomfromwkb(decode(geom, 'hex'), 4326)
from jsonb_to_recordset($1) as n (fid text, code text, name text, kind text, level smallint, parent text,
                                  valid_from date, label text, geom text)
"""


async def enter(transaction: Transaction, plan: Plan, effective: dt.date) -> None:
    """Close the units that cease, and enter those that come with the centres that serve them."""
    closing = [{"fid": fid, "successors": list(followers)} for fid, followers in plan.closed.items()]
    await transaction.connection.execute(_CLOSE, closing, effective)
    await transaction.connection.execute(_ENTER, [_row(area) for area in plan.entered])
    served = [{"area": area, "centre": centre} for area, centre in sorted(plan.served.items())]
    await transaction.run_many(sa.insert(CENTRE_AREAS), served)


def _row(area: Area) -> dict[str, Any]:
    shape = shapely.MultiPolygon(list(shapely.get_parts(area.geometry)))
    same = ("fid", "code", "name", "kind", "level", "parent")
    return {name: getattr(area, name) for name in same} | {
        "valid_from": area.valid_from.isoformat(),
        "label": point(area.inner),
        "geom": shapely.to_wkb(shape, hex=True, output_dimension=2),
    }


async def one(transaction: Transaction, name: str) -> Loaded | None:
    """A release by its name."""
    row = await transaction.row(sa.select(AREA_RELEASES).where(AREA_RELEASES.c.name == name))
    return None if row is None else _loaded(row)


async def listed(transaction: Transaction) -> list[Loaded]:
    """All releases, that of the newest day first."""
    order = (AREA_RELEASES.c.effective.desc(), AREA_RELEASES.c.loaded_at.desc())
    return [_loaded(row) for row in await transaction.rows(sa.select(AREA_RELEASES).order_by(*order))]


def _loaded(row: Row) -> Loaded:
    names = [name for name in Loaded.__struct_fields__ if name not in ("sha256", "shares", "notes")]
    return Loaded(
        **{name: row[name] for name in names},
        sha256=row["sha256"].hex(),
        shares=tuple(msgspec.convert(row["shares"], list[Share])),
        notes=tuple(row["notes"]),
    )


async def keep(
    transaction: Transaction, name: str, digest: bytes, source: str, plan: Plan, effective: dt.date,
    now: dt.datetime, who: str,
) -> None:  # fmt: skip
    """Enter that a release was loaded; what it moves follows."""
    await transaction.run(
        inserting(AREA_RELEASES, "moved_at", "moved"),
        name=name,
        sha256=digest,
        effective=effective,
        source=source,
        loaded_at=now,
        loaded_by=who,
        entered=len(plan.entered),
        closed=0 if plan.there else len(plan.closed),
        kept=len(plan.kept),
        shares=msgspec.to_builtins(plan.shares),
        notes=list(plan.notes),
    )


async def due(transaction: Transaction, day: dt.date) -> list[str]:
    """The releases whose day has come and whose things have not moved, the oldest day first."""
    wanted = sa.select(AREA_RELEASES.c.name).where(AREA_RELEASES.c.moved_at.is_(None), AREA_RELEASES.c.effective <= day)
    return [row["name"] for row in await transaction.rows(wanted.order_by(AREA_RELEASES.c.effective))]


async def moved(transaction: Transaction, names: Iterable[str], report: dict[str, Any], now: dt.datetime) -> None:
    """Note what releases moved; once."""
    wanted = sa.update(AREA_RELEASES).where(AREA_RELEASES.c.name.in_(list(names)), AREA_RELEASES.c.moved_at.is_(None))
    await transaction.run(wanted.values(moved_at=now, moved=report))


async def fingerprint(transaction: Transaction) -> tuple[Any, ...]:
    """Something that changes whenever units or the centres that serve them do, for who holds them in memory."""
    row = await transaction.connection.fetchrow(
        "select (select count(*) from areas) as areas, (select max(loaded_at) from area_releases) as loaded, "
        "(select count(*) from centre_merges) as merges"
    )
    return tuple(row) if row is not None else ()
