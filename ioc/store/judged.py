"""The kept readings of one source as the rules judge them: at their effective time."""

import datetime as dt
from collections.abc import Sequence
from itertools import groupby
from typing import LiteralString

import msgspec

from gis.observation import Quality, Reading, Value
from gis.stamp import BELIEVED_FUTURE, Stamp
from ioc.incidents.order import Sample, effective
from ioc.store.database import Row, Transaction

_NEWEST: LiteralString = """
select least(r.at, r.arrived_at) from readings r join streams s on s.id = r.stream
where s.device = $1 and s.property = $2 and r.quality = 0 and r.at >= $3 and r.at <= $4 and r.arrived_at <= $4
order by r.at desc limit 1
"""

_LATEST: LiteralString = """
select s.device, s.property, s.centre, l.at, l.arrived_at, l.recorded_at, l.derived, l.value, l.quality,
       coalesce(d.state = 'fresh', false) as fresh, '#latest' as run, -1 as seq
from latest l join streams s on s.id = l.stream left join devices d on d.code = s.device
where s.device = any ($1::text[]) and s.property = any ($2::text[]) and l.quality = 0
order by s.device, l.at
"""

_SINCE: LiteralString = """
select r.at, r.run, r.seq, r.recorded_at, r.derived, r.arrived_at, r.value, r.quality, s.property, s.centre
from readings r join streams s on s.id = r.stream
where s.device = $1 and s.property = any ($2::text[]) and r.at >= $3 and r.arrived_at >= $3
  and r.at <= $4 and (r.arrived_at <= $5 or least(r.at, r.arrived_at) <= $6)
order by r.at, r.run, r.seq
"""


class Newest(msgspec.Struct, frozen=True):
    """The newest good reading of a device; `fresh`: the device has not been silent for too long since."""

    sample: Sample
    fresh: bool


async def newest_readings(transaction: Transaction, devices: Sequence[str], names: Sequence[str]) -> dict[str, Newest]:
    """The newest good values of some properties of some devices, of each device those of one moment."""
    rows = await transaction.connection.fetch(_LATEST, list(devices), list(names))
    found = {}
    for (device, _), group in groupby(rows, key=lambda row: (row["device"], row["at"])):
        listed = list(group)  # the last moment of a device stands
        found[device] = Newest(sample_of(device, listed), listed[0]["fresh"])
    return found


async def newest(
    transaction: Transaction, device: str, name: str, since: dt.datetime, arrived: dt.datetime
) -> dt.datetime | None:
    """The effective time of the newest good value of a property among those from `since` on that had arrived."""
    found: dt.datetime | None = await transaction.connection.fetchval(_NEWEST, device, name, since, arrived)
    return found


async def since(
    transaction: Transaction,
    device: str,
    names: Sequence[str],
    start: dt.datetime,
    *,
    arrived: dt.datetime,
    newest: dt.datetime,
) -> list[Sample]:
    """The readings from an effective time on that had arrived by a moment, or that are not newer than the newest
    that was judged; of their values those that are named."""
    ahead = max(arrived, newest) + BELIEVED_FUTURE
    rows = await transaction.connection.fetch(_SINCE, device, list(names), start, ahead, arrived, newest)
    groups = groupby(rows, key=lambda row: (row["at"], row["run"], row["seq"]))
    return [sample_of(device, list(group)) for _, group in groups]


def sample_of(device: str, rows: Sequence[Row]) -> Sample:
    """One reading of a device, of the rows of its values."""
    first = rows[0]
    counted = first["seq"] >= 0
    stamp = Stamp(
        centre=first["centre"],
        source=device,
        at=first["at"],
        run=first["run"] if counted else "",
        sequence=first["seq"] if counted else None,
        digest="" if counted else first["run"].removeprefix("#"),
    )
    values = tuple(Value(row["property"], row["value"], Quality(row["quality"])) for row in rows)
    reading = Reading(stamp=stamp, values=values, recorded_at=first["recorded_at"], derived=first["derived"])
    return Sample(effective(first["at"], first["arrived_at"]), reading)
