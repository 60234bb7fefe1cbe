-- What a sighting tells beyond its moment: phase, count, speed, clip.
alter table sightings
  add column phase text not null default 'moment',
  add column since timestamptz,
  add column last_at timestamptz,
  add column last_seq bigint,
  add column ended_at timestamptz,
  add column count integer,
  add column share double precision,
  add column speed_kmh double precision,
  add column score double precision,
  add column clip uuid,
  add column picture_at timestamptz,
  add column picture_seq bigint;
comment on column sightings.at is 'when it happened; of what goes on, the first that was told of it';
comment on column sightings.phase is 'moment, or what was told last of what goes on: start, update, end';
comment on column sightings.since is 'when that which goes on began';
comment on column sightings.last_at is 'what was told last of that which goes on, with last_seq; null of a moment';
comment on column sightings.ended_at is 'when it ended; null while it goes on, and of a moment';
comment on column sightings.count is 'how many things; of what goes on, the most';
comment on column sightings.share is 'the part of the zone that is covered; of what goes on, the most';
comment on column sightings.picture_at is 'the report that box and picture are of, with picture_seq';
create index sightings_open on sightings (camera, last_at) where phase in ('start', 'update');

-- What goes on is one row, but each report of it has a key of its own, so that none counts twice.
create table sighting_reports (
  centre text not null,
  area text not null,
  camera text not null,
  run text not null,
  seq bigint not null,
  at timestamptz not null,
  sighting uuid not null references sightings on delete cascade,
  primary key (centre, camera, run, seq, at)
);
create index sighting_reports_sighting on sighting_reports (sighting);

grant select, insert, update, delete on sighting_reports to ioc_app;

-- Row-level security, made by ioc/store/guards.py from the rule of ioc/access/scope.py.

alter table sighting_reports enable row level security;
create policy scope on sighting_reports using (
  coalesce(coalesce(centre = any ((select case when 'sighting' <> all (string_to_array(coalesce(current_setting('ioc.kinds', true), ''), ',')) then '{}' when current_setting('ioc.scope', true) = '*' then null else string_to_array(coalesce(current_setting('ioc.scope', true), ''), ',') end)::text[]), true)
  and ((select current_setting('ioc.areas', true) = '*') or area in (select unnest(string_to_array(coalesce(current_setting('ioc.areas', true), ''), ','))))
  and coalesce(camera = any ((select case when current_setting('ioc.cameras', true) = '*' then null else string_to_array(coalesce(current_setting('ioc.cameras', true), ''), ',') end)::text[]), true)
  and coalesce(at >= (select case coalesce(current_setting('ioc.past', true), '') when '' then 'infinity' when 'all' then '-infinity' else now() - current_setting('ioc.past', true)::interval end), true), false)
) with check (
  coalesce(coalesce(centre = any ((select case when 'sighting' <> all (string_to_array(coalesce(current_setting('ioc.kinds', true), ''), ',')) then '{}' when current_setting('ioc.scope', true) = '*' then null else string_to_array(coalesce(current_setting('ioc.scope', true), ''), ',') end)::text[]), true)
  and ((select current_setting('ioc.areas', true) = '*') or area in (select unnest(string_to_array(coalesce(current_setting('ioc.areas', true), ''), ','))))
  and coalesce(camera = any ((select case when current_setting('ioc.cameras', true) = '*' then null else string_to_array(coalesce(current_setting('ioc.cameras', true), ''), ',') end)::text[]), true)
  and coalesce(at >= (select case coalesce(current_setting('ioc.past', true), '') when '' then 'infinity' when 'all' then '-infinity' else now() - current_setting('ioc.past', true)::interval end), true), false)
);
create policy adds on sighting_reports as restrictive for insert with check ((select 'sighting' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
create policy changes on sighting_reports as restrictive for update using ((select 'sighting' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
create policy drops on sighting_reports as restrictive for delete using ((select 'sighting' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
