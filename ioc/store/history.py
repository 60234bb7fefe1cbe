"""What was observed, in the order of time, a span after another: for those who judge history again."""

import datetime as dt
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, LiteralString

import msgspec

from gis.observation import Sighting
from gis.position import Position
from gis.stamp import Stamp
from ioc.incidents.order import Sample
from ioc.store.database import Row, Transaction
from ioc.store.judged import sample_of

_STREAMS: LiteralString = """
select s.id from streams s where s.device = any ($1::text[]) and s.property = any ($2::text[])
"""

_READINGS: LiteralString = """
select r.at, r.run, r.seq, r.recorded_at, r.derived, r.arrived_at, r.value, r.quality, s.device, s.property, s.centre
from readings r join streams s on s.id = r.stream
where r.stream = any ($1::int[]) and r.at >= $2 and r.at < $3
order by r.at, s.device, r.run, r.seq
"""

_SIGHTINGS: LiteralString = """
select id, centre, camera, run, seq, at, kind, subject, direction, object_class, track, box, error_m, media, clip,
       phase, coalesce(since, at) as since, coalesce(ended_at, last_at, at) as last_at, ended_at, count, share,
       speed_kmh, score, st_x(geom) as lon, st_y(geom) as lat
from sightings where kind = any ($1::text[]) and coalesce(since, at) >= $2 and coalesce(since, at) < $3
order by coalesce(since, at), id
"""


async def streams(transaction: Transaction, devices: Sequence[str], names: Sequence[str]) -> list[int]:
    """The numbers of the streams of some properties of some devices."""
    rows = await transaction.connection.fetch(_STREAMS, list(devices), list(names))
    return [row["id"] for row in rows]


async def readings(
    transaction: Transaction, numbers: Sequence[int], since: dt.datetime, until: dt.datetime
) -> tuple[list[Sample], int]:
    """The readings whose own time lies in a span, in its order, and how many values they have."""
    rows = await transaction.connection.fetch(_READINGS, list(numbers), since, until)
    groups = groupby(rows, key=lambda row: (row["at"], row["device"], row["run"], row["seq"]))
    return [sample_of(place[1], list(group)) for place, group in groups], len(rows)


async def sightings(
    transaction: Transaction, kinds: Sequence[str], since: dt.datetime, until: dt.datetime, every_s: float
) -> list[Sighting]:
    """What began to be seen in a span, in the order of time, as if it were told again.

    Of what went on only its row is kept: its start, its peaks and its end. It is told each `every_s` seconds between.
    """
    rows = await transaction.connection.fetch(_SIGHTINGS, list(kinds), since, until)
    found = [seen for row in rows for seen in _told(row, every_s)]
    return sorted(found, key=lambda seen: seen.stamp.at)


MOST_TOLD = 1_000
"""Of one sighting; one that goes on for longer is told less often."""


def _told(row: Row, every_s: float) -> Iterator[Sighting]:
    first = _sighting(row)
    if row["phase"] == "moment":
        yield first
        return
    lasted = (row["last_at"] - row["since"]).total_seconds()
    steps = int(min(lasted / every_s, MOST_TOLD)) if every_s > 0 else 0
    yield _at(first, row["since"], "start")
    for number in range(1, steps + 1):
        yield _at(first, row["since"] + dt.timedelta(seconds=lasted * number / (steps + 1)), "update")
    yield _at(first, row["last_at"], "end" if row["ended_at"] is not None else "update")


def _at(seen: Sighting, at: dt.datetime, phase: str) -> Sighting:
    return msgspec.structs.replace(seen, stamp=msgspec.structs.replace(seen.stamp, at=at), phase=phase)


def _sighting(row: Row) -> Sighting:
    counted = row["seq"] >= 0
    position = None if row["lon"] is None else Position(lon=row["lon"], lat=row["lat"])
    stamp = Stamp(
        centre=row["centre"],
        source=row["camera"],
        at=row["at"],
        run=row["run"] if counted else "",
        sequence=row["seq"] if counted else None,
        digest="" if counted else row["run"].removeprefix("#"),
        position=position,
    )
    same = ("kind", "subject", "track", "direction", "object_class", "error_m", "since", "count", "share", "speed_kmh")
    values: dict[str, Any] = {name: row[name] for name in same}
    values |= {name: row[of] and str(row[of]) for name, of in (("picture", "media"), ("clip", "clip"))}
    return Sighting(
        id=str(row["id"]),
        stamp=stamp,
        box=tuple(row["box"]),
        phase=row["phase"],
        score=row["score"],
        **values,
    )


_GAPS: LiteralString = """
select s.device, g.heard_at, g.next_at from streams s cross join lateral (
  select r.arrived_at as heard_at, lead(r.arrived_at) over (order by r.arrived_at) as next_at
  from readings r where r.stream = s.id and r.at >= $2 and r.at < $3 and r.arrived_at < $3
) g
where s.id = any ($1::int[]) and coalesce(g.next_at, $3) - g.heard_at >= make_interval(secs => $4)
order by g.heard_at, s.device
"""


async def gaps(
    transaction: Transaction, numbers: Sequence[int], since: dt.datetime, until: dt.datetime, least_s: float
) -> list[tuple[str, dt.datetime, dt.datetime | None]]:
    """How long nothing of some streams arrived, where that was long: device, last arrival, next (None: none yet)."""
    rows = await transaction.connection.fetch(_GAPS, list(numbers), since, until, least_s)
    return [(row["device"], row["heard_at"], row["next_at"]) for row in rows]


_LISTENING: LiteralString = "select since, until from listening where until >= $1 order by since"


async def listening(transaction: Transaction, since: dt.datetime) -> list[tuple[dt.datetime, dt.datetime]]:
    """When an intake listened, from a moment on, oldest first."""
    return [(row["since"], row["until"]) for row in await transaction.connection.fetch(_LISTENING, since)]
