"""What files of the register are read and judged with: names of centres and units, and where the province lies."""

import datetime as dt
from collections import Counter
from typing import LiteralString

import msgspec

from gis.position import Box
from ioc.store import centre_merges
from ioc.store.database import Transaction

_MARGIN = 0.05
"""Degrees around the province within which a place is not thought to be mistaken."""


class Frame(msgspec.Struct, frozen=True, kw_only=True):
    """Centres by code and today's units by feature id with their names, which centres serve which units, the centres
    that are gone with those that they went into, and the box of the whole."""

    centres: dict[str, tuple[str, ...]]
    areas: dict[str, tuple[str, ...]]
    codes: dict[str, str]
    served: frozenset[tuple[str, str]]
    provinces: frozenset[str]
    gone: dict[str, str]
    home: Box

    def serves(self, centre: str, area: str) -> bool:
        """Whether a centre serves a unit: it is listed for it, or the centre is that of a province."""
        return centre in self.provinces or (centre, area) in self.served


_CENTRES: LiteralString = "select code, name, name_en, kind from centres"
_SERVED: LiteralString = "select centre, area from centre_areas"
_AREAS: LiteralString = """
select fid, code, name from areas where valid_from <= $1 and (valid_to is null or $1 < valid_to) order by level, code
"""
_EXTENT: LiteralString = """
select st_xmin(e) as west, st_ymin(e) as south, st_xmax(e) as east, st_ymax(e) as north from (
  select st_extent(geom) as e from areas
  where valid_from <= $1 and (valid_to is null or $1 < valid_to)
    and level = (select max(level) from areas where valid_from <= $1 and (valid_to is null or $1 < valid_to))
) whole
"""


async def frame(transaction: Transaction, day: dt.date) -> Frame:
    """As it is on a local day. LookupError where no unit is known then."""
    connection = transaction.connection
    extent = await connection.fetchrow(_EXTENT, day)
    if extent is None or extent["west"] is None:
        raise LookupError(f"no administrative unit is known on {day}")
    areas = await connection.fetch(_AREAS, day)
    often = Counter(row["name"] for row in areas)
    centres = await connection.fetch(_CENTRES)
    return Frame(
        centres={row["code"]: (row["name"], row["name_en"]) for row in centres},
        areas={row["fid"]: (row["code"], *((row["name"],) if often[row["name"]] == 1 else ())) for row in areas},
        codes={row["fid"]: row["code"] for row in areas},
        served=frozenset((row["centre"], row["area"]) for row in await connection.fetch(_SERVED)),
        provinces=frozenset(row["code"] for row in centres if row["kind"] == "province"),
        gone=await centre_merges.heirs(transaction),
        home=Box(
            west=extent["west"] - _MARGIN,
            south=extent["south"] - _MARGIN,
            east=extent["east"] + _MARGIN,
            north=extent["north"] + _MARGIN,
        ),
    )
