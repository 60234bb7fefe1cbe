"""Sightings of cameras.

A moment is a row. What goes on is one row under its id, made by the first of its reports that comes and renewed by
the others; each report is entered under its own key beside it, so that one that comes again changes nothing. The row
that results is the same whatever the order: what was told last stands, the peaks are the most that was told, and the
picture is that of the newest report that brought one, because a worker sends another only when it is better.
"""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from typing import Any, LiteralString

from gis.observation import Sighting
from ioc.store.database import Transaction
from ioc.store.readings import Owner
from ioc.store.statements import adding
from ioc.store.tables import SIGHTINGS


async def insert_sightings(
    transaction: Transaction, sightings: Sequence[Sighting], owners: Mapping[str, Owner], arrived_at: dt.datetime
) -> list[Sighting]:
    """Insert what is new, renew what goes on, and return the reports that were not here yet."""
    new = []
    for seen in sightings:
        row = _row(seen, owners[seen.stamp.source], arrived_at)
        if seen.phase == "moment":
            made = await transaction.row(adding(SIGHTINGS, *row, returning="id"), **row)
        else:
            made = await transaction.connection.fetchrow(_GO_ON, *(row[name] for name in _COLUMNS))
        if made is not None:
            new.append(seen)
    return new


def _row(seen: Sighting, owner: Owner, arrived_at: dt.datetime) -> dict[str, Any]:
    stamp = seen.stamp
    place = stamp.position
    counted = stamp.sequence is not None
    moment = seen.phase == "moment"
    seq = stamp.sequence if stamp.sequence is not None else -1
    return {
        "id": uuid.UUID(seen.id),
        "centre": owner.centre,
        "area": owner.area,
        "camera": stamp.source,
        "run": stamp.run if counted else f"#{stamp.digest}",
        "seq": seq,
        "at": stamp.at,
        "kind": seen.kind,
        "subject": seen.subject,
        "direction": seen.direction,
        "object_class": seen.object_class,
        "track": seen.track,
        "box": list(seen.box),
        "error_m": seen.error_m,
        "media": uuid.UUID(seen.picture) if seen.picture else None,
        "arrived_at": arrived_at,
        "geom": f"SRID=4326;POINT({place.lon} {place.lat})" if place else None,
        "phase": seen.phase,
        "since": seen.since,
        "last_at": None if moment else stamp.at,
        "last_seq": None if moment else seq,
        "ended_at": stamp.at if seen.phase == "end" else None,
        "count": seen.count,
        "share": seen.share,
        "speed_kmh": seen.speed_kmh,
        "score": seen.score,
        "clip": uuid.UUID(seen.clip) if seen.clip else None,
        "picture_at": stamp.at if seen.picture and not moment else None,
        "picture_seq": seq if seen.picture and not moment else None,
    }


_COLUMNS = (
    *("id", "centre", "area", "camera", "run", "seq", "at", "kind", "subject", "direction", "object_class", "track"),
    *("box", "error_m", "media", "arrived_at", "geom", "phase", "since", "last_at", "last_seq", "ended_at"),
    *("count", "share", "speed_kmh", "score", "clip", "picture_at", "picture_seq"),
)
"""The parameters of _GO_ON in their order."""

_GO_ON: LiteralString = """
with fresh as (
  insert into sighting_reports (sighting, centre, area, camera, run, seq, at)
  select $1::uuid, $2::text, $3::text, $4::text, $5::text, $6::bigint, $7::timestamptz
  where not exists (
    select from sightings s
    where s.centre = $2 and s.camera = $4 and s.run = $5 and s.seq = $6 and s.at = $7 and s.id <> $1
  ) and not exists (select from sightings s where s.id = $1 and (s.centre, s.camera) <> ($2, $4))
  on conflict do nothing returning sighting
)
insert into sightings as old (
  id, centre, area, camera, run, seq, at, kind, subject, direction, object_class, track, box, error_m, media,
  arrived_at, geom, phase, since, last_at, last_seq, ended_at, count, share, speed_kmh, score, clip, picture_at,
  picture_seq
)
select $1, $2, $3, $4, $5, $6, $7, $8::text, $9::text, $10::text, $11::text, $12::text, $13::real[],
  $14::double precision, $15::uuid, $16::timestamptz, st_geomfromewkt($17::text), $18::text, $19::timestamptz,
  $20::timestamptz, $21::bigint, $22::timestamptz, $23::integer, $24::double precision, $25::double precision,
  $26::double precision,
  $27::uuid, $28::timestamptz, $29::bigint
from fresh
on conflict (id) do update set
  (run, seq, at) = (
    select one.run, one.seq, one.at
    from (values (old.run, old.seq, old.at), (excluded.run, excluded.seq, excluded.at)) as one (run, seq, at)
    order by one.at, one.seq, one.run limit 1
  ),
  (phase, last_at, last_seq, ended_at, geom, error_m, track) = (
    select one.phase, one.last_at, one.last_seq, one.ended_at, one.geom, one.error_m, one.track
    from (values
      (old.phase, old.last_at, old.last_seq, old.ended_at, old.geom, old.error_m, old.track),
      (excluded.phase, excluded.last_at, excluded.last_seq, excluded.ended_at, excluded.geom, excluded.error_m,
       excluded.track)
    ) as one (phase, last_at, last_seq, ended_at, geom, error_m, track)
    order by one.last_at desc nulls last, one.last_seq desc limit 1
  ),
  (media, box, picture_at, picture_seq) = (
    select one.media, one.box, one.picture_at, one.picture_seq
    from (values
      (old.media, old.box, old.picture_at, old.picture_seq, old.last_at, old.last_seq),
      (excluded.media, excluded.box, excluded.picture_at, excluded.picture_seq, excluded.last_at, excluded.last_seq)
    ) as one (media, box, picture_at, picture_seq, last_at, last_seq)
    order by one.picture_at desc nulls last, one.picture_seq desc nulls last, one.last_at desc, one.last_seq desc
    limit 1
  ),
  (object_class, direction) = (
    select one.object_class, one.direction
    from (values
      (old.object_class, old.direction, old.score, old.last_at, old.last_seq),
      (excluded.object_class, excluded.direction, excluded.score, excluded.last_at, excluded.last_seq)
    ) as one (object_class, direction, score, last_at, last_seq)
    order by one.object_class = 'object', one.score desc nulls last, one.last_at desc, one.last_seq desc limit 1
  ),
  since = least(old.since, excluded.since),
  arrived_at = least(old.arrived_at, excluded.arrived_at),
  count = greatest(old.count, excluded.count),
  share = greatest(old.share, excluded.share),
  speed_kmh = greatest(old.speed_kmh, excluded.speed_kmh),
  score = greatest(old.score, excluded.score),
  clip = coalesce(old.clip, excluded.clip)
returning id
"""
