"""All of an incident's life as one list: its log, what people did and said, every source record."""

import uuid
from typing import Any, LiteralString

from gis.layers import moment
from ioc.store.database import Row, Transaction

MOST = 2_000
"""Moments of one answer; the newest are kept."""

_TIMELINE: LiteralString = """
with recursive family (id, far) as (
  select $1::uuid, 0
  union select i.id, f.far + 1 from family f join incidents i on i.duplicate_of = f.id where f.far < 50
), moments as (
  (select l.at, case when l.who = 'system' then 'log' when l.what = 'comment' then 'comment' else 'step' end as kind,
          l.incident as "of", l.who, l.what, l.text, '' as text_en, '' as words, '' as source, '' as source_kind,
          null::uuid as alarm, '' as severity, null::uuid as ticket, null::bigint as number, '' as "to",
          array(select '/api/v1/media/' || p from unnest(l.photos) p) as photos, l.id as place
   from incident_log l where l.incident in (select id from family) order by l.id desc limit $2)
  union all
  (select a.raised_at, case a.source_kind when 'citizen' then 'report' when 'agency' then 'notice' else 'raised' end,
          a.incident, '', a.match, a.title, a.title_en, coalesce(r.text, n.description, ''),
          a.source, a.source_kind, a.id, a.severity, null, null, '',
          array(select '/api/v1/media/' || p from unnest(
            case when jsonb_typeof(a.evidence -> 'photos') = 'array'
                 then array(select jsonb_array_elements_text(a.evidence -> 'photos'))
                 else array_remove(array[a.evidence ->> 'picture'], null) end) p), 0
   from alarms a
   left join reports r on a.source_kind = 'citizen' and r.id = a.id
   left join notices n on n.id = case when a.source_kind = 'agency' then (a.evidence ->> 'notice')::uuid end
   where a.incident in (select id from family) order by a.raised_at desc limit $2)
  union all
  (select a.cleared_at, 'cleared', a.incident, '',
          case when a.evidence ? 'withdrawn' then 'withdrawn' else 'cleared' end, a.title, a.title_en, '',
          a.source, a.source_kind, a.id, a.severity, null, null, '', '{}', 0
   from alarms a where a.incident in (select id from family) and a.cleared_at is not null
   order by a.cleared_at desc limit $2)
  union all
  (select l.at, 'ticket', t.incident, l.who, l.what, l.text, '', '', l.unit, '', null, '', t.id, t.number, l."to",
          array(select '/api/v1/media/' || p from unnest(l.photos) p), l.id
   from ticket_log l join tickets t on t.id = l.ticket
   where t.incident in (select id from family) order by l.id desc limit $2)
)
select * from moments order by at desc, place desc, kind limit $2
"""
"""The family are the incidents that were merged into this one, directly or over others."""


def _moment(row: Row) -> dict[str, Any]:
    photos = [
        one.removeprefix("/api/v1/media/") if "/" in one[len("/api/v1/media/") :] else one for one in row["photos"]
    ]
    plain = {
        name: row[name]
        for name in ("kind", "who", "what", "text", "text_en", "words", "source", "source_kind", "severity")
    }
    ids = {name: None if row[name] is None else str(row[name]) for name in ("alarm", "ticket")}
    more = {"number": row["number"], "to": row["to"]}
    return {"at": moment(row["at"]), **plain, "of": str(row["of"]), **ids, **more, "photos": photos}


async def of(transaction: Transaction, incident: uuid.UUID) -> tuple[list[dict[str, Any]], bool]:
    """The moments of an incident, oldest first, and whether older ones were left out."""
    rows = await transaction.connection.fetch(_TIMELINE, incident, MOST + 1)
    return [_moment(row) for row in reversed(rows[:MOST])], len(rows) > MOST
