"""Alarms that flap: earlier raises of their keys, and the incidents that were kept open by what is calm now."""

import datetime as dt
from collections.abc import Sequence
from typing import LiteralString

from gis.layers import moment
from ioc.incidents.alarm import Alarm
from ioc.incidents.flapping import KINDS, Raise, flap_of, name_all
from ioc.incidents.quality import FLAPS_WITHIN
from ioc.store.database import Transaction

_PAST: LiteralString = """
select key, raised_at, evidence from alarms
where key = any ($1) and (cleared_at is null or cleared_at >= $2) and not evidence @> '{"withdrawn": true}'
"""

_CALM: LiteralString = """
with calm as materialized (
  select distinct incident from alarms
  where evidence ? 'flapping' and cleared_at >= $1 and evidence #>> '{flapping,until}' > $2
    and evidence #>> '{flapping,until}' <= $3)
select i.id::text from calm join incidents i on i.id = calm.incident
where i.status in ('new', 'acknowledged', 'in_progress', 'reopened')
"""


async def named(transaction: Transaction, raised: Sequence[Alarm]) -> list[Alarm]:
    """Alarms that are raised now, each named where it flaps."""
    keys = sorted({alarm.key for alarm in raised if alarm.source_kind in KINDS})
    if not keys:
        return list(raised)
    since = min(alarm.raised_at for alarm in raised) - FLAPS_WITHIN
    past: dict[str, list[Raise]] = {}
    for row in await transaction.connection.fetch(_PAST, keys, since):
        past.setdefault(row["key"], []).append(Raise(row["raised_at"], flap_of(row["evidence"])))
    return name_all(raised, past)


async def calm(transaction: Transaction, since: dt.datetime, now: dt.datetime) -> list[str]:
    """The open incidents of alarms that ceased to flap after a moment, up to now."""
    earliest = since - 2 * FLAPS_WITHIN
    rows = await transaction.connection.fetch(_CALM, earliest, moment(since), moment(now))
    return [row["id"] for row in rows]
