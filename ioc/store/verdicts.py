"""How often what people ended was a false alarm, by rule and by camera."""

import datetime as dt
from typing import LiteralString

import msgspec

from ioc.store.database import Row, Transaction

_MOST = 500

_VERDICTS: LiteralString = """
with ended as (
  select i.id, i.status = 'false_alarm' as wrong from incidents i
  where i.ended_at >= $1 and i.status in ('resolved', 'closed', 'false_alarm') and i.resolved_by not in ('', 'system')
), raised as (
  select distinct e.id, e.wrong, a.rule, a.camera from ended e join alarms a on a.incident = e.id
  where a.match not in ('suppressed', 'silenced')
)
select 'all' as kind, '' as name, count(*)::int as judged, count(*) filter (where wrong)::int as false_alarms from ended
union all
(select 'rule', rule, count(distinct id)::int, count(distinct id) filter (where wrong)::int from raised
 group by rule order by 4 desc, 3 desc, 2 limit $2)
union all
(select 'camera', camera, count(distinct id)::int, count(distinct id) filter (where wrong)::int from raised
 where camera is not null group by camera order by 4 desc, 3 desc, 2 limit $2)
"""
"""Only what people judged: what the centre itself resolved was neither true nor false to anybody. The rule has its
version in its name, so that a new version begins with a clean sheet."""


class Rate(msgspec.Struct, frozen=True):
    """Of `judged` incidents of a rule or camera, `false` were false alarms."""

    name: str
    judged: int
    false: int

    @property
    def rate(self) -> float:
        """The share, 0 when nothing was judged."""
        return self.false / self.judged if self.judged else 0.0


class Verdicts(msgspec.Struct, frozen=True):
    """Of all incidents, by rule and by camera; the most false alarms first."""

    all: Rate
    rules: list[Rate]
    cameras: list[Rate]


async def since(transaction: Transaction, at: dt.datetime) -> Verdicts:
    """What people judged since a moment, as far as the transaction sees it."""
    rows = await transaction.connection.fetch(_VERDICTS, at, _MOST)
    found: dict[str, list[Rate]] = {"all": [], "rule": [], "camera": []}
    for row in rows:
        found[row["kind"]].append(_rate(row))
    return Verdicts(found["all"][0], found["rule"], found["camera"])


def _rate(row: Row) -> Rate:
    return Rate(row["name"], row["judged"], row["false_alarms"])
