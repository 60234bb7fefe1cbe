-- How good the alarms are: figures kept by the hour. They stay when the alarms themselves are gone.
create function ioc_made_at(id uuid) returns timestamptz
language sql immutable parallel safe
as $$ select to_timestamp(('x' || translate(left(id::text, 13), '-', ''))::bit(48)::bigint / 1000.0) $$;
comment on function ioc_made_at is 'when an id of version 7 was made (RFC 9562, 5.7): of an alarm, when it was told';

-- Alarms that flap keep their incident open for a while after each end (ioc/incidents/flapping.py).
create index alarms_flapping on alarms (cleared_at) where evidence ? 'flapping';

create table alarm_hours (
  hour timestamptz primary key check (hour = date_trunc('hour', hour, 'UTC')),
  operators jsonb not null,
  made_at timestamptz not null
);
comment on table alarm_hours is 'the hours whose figures are kept; an hour without alarms has no other row';
comment on column alarm_hours.operators is 'how many people worked in it, by their centre; the empty one: of all';

create table alarm_quality (
  hour timestamptz not null references alarm_hours,
  centre text not null,
  area text not null,
  alarms integer[] not null check (array_length(alarms, 1) = 6),
  incidents integer[] not null check (array_length(incidents, 1) = 6),
  severities integer[] not null check (array_length(severities, 1) = 4),
  hidden integer not null,
  acknowledged integer not null,
  chattering integer not null,
  flapping integer not null,
  standing integer not null,
  false_alarms integer not null,
  primary key (hour, centre, area)
);
comment on table alarm_quality is 'the figures of an hour and area (ioc/incidents/quality.py, Hour)';
comment on column alarm_quality.alarms is 'new ones that were told, in each ten minutes';
comment on column alarm_quality.hidden is 'silenced, suppressed, or too late to open anything';

create table alarm_sources (
  hour timestamptz not null references alarm_hours,
  centre text not null,
  area text not null,
  source_kind text not null,
  source text not null,
  source_name text not null,
  alarms integer not null,
  chattering integer not null,
  flapping integer not null,
  camera text generated always as (case when source_kind = 'camera' then source end) stored,
  primary key (hour, centre, area, source_kind, source)
);
comment on table alarm_sources is 'new alarms of an hour by what raised them';

grant select, insert, update, delete on alarm_hours, alarm_quality, alarm_sources to ioc_app;

-- Row-level security, made by ioc/store/guards.py from the rule of ioc/access/scope.py.

alter table alarm_quality enable row level security;
create policy scope on alarm_quality using (
  coalesce(coalesce(centre = any ((select case when 'alarm' <> all (string_to_array(coalesce(current_setting('ioc.kinds', true), ''), ',')) then '{}' when current_setting('ioc.scope', true) = '*' then null else string_to_array(coalesce(current_setting('ioc.scope', true), ''), ',') end)::text[]), true)
  and ((select current_setting('ioc.areas', true) = '*') or area in (select unnest(string_to_array(coalesce(current_setting('ioc.areas', true), ''), ','))))
  and coalesce(hour >= (select case coalesce(current_setting('ioc.past', true), '') when '' then 'infinity' when 'all' then '-infinity' else now() - current_setting('ioc.past', true)::interval end), true), false)
) with check (
  coalesce(coalesce(centre = any ((select case when 'alarm' <> all (string_to_array(coalesce(current_setting('ioc.kinds', true), ''), ',')) then '{}' when current_setting('ioc.scope', true) = '*' then null else string_to_array(coalesce(current_setting('ioc.scope', true), ''), ',') end)::text[]), true)
  and ((select current_setting('ioc.areas', true) = '*') or area in (select unnest(string_to_array(coalesce(current_setting('ioc.areas', true), ''), ','))))
  and coalesce(hour >= (select case coalesce(current_setting('ioc.past', true), '') when '' then 'infinity' when 'all' then '-infinity' else now() - current_setting('ioc.past', true)::interval end), true), false)
);
create policy adds on alarm_quality as restrictive for insert with check ((select 'alarm' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
create policy changes on alarm_quality as restrictive for update using ((select 'alarm' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
create policy drops on alarm_quality as restrictive for delete using ((select 'alarm' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
alter table alarm_sources enable row level security;
create policy scope on alarm_sources using (
  coalesce(coalesce(centre = any ((select case when 'alarm' <> all (string_to_array(coalesce(current_setting('ioc.kinds', true), ''), ',')) then '{}' when current_setting('ioc.scope', true) = '*' then null else string_to_array(coalesce(current_setting('ioc.scope', true), ''), ',') end)::text[]), true)
  and ((select current_setting('ioc.areas', true) = '*') or area in (select unnest(string_to_array(coalesce(current_setting('ioc.areas', true), ''), ','))))
  and coalesce(camera = any ((select case when current_setting('ioc.cameras', true) = '*' then null else string_to_array(coalesce(current_setting('ioc.cameras', true), ''), ',') end)::text[]), true)
  and coalesce(hour >= (select case coalesce(current_setting('ioc.past', true), '') when '' then 'infinity' when 'all' then '-infinity' else now() - current_setting('ioc.past', true)::interval end), true), false)
) with check (
  coalesce(coalesce(centre = any ((select case when 'alarm' <> all (string_to_array(coalesce(current_setting('ioc.kinds', true), ''), ',')) then '{}' when current_setting('ioc.scope', true) = '*' then null else string_to_array(coalesce(current_setting('ioc.scope', true), ''), ',') end)::text[]), true)
  and ((select current_setting('ioc.areas', true) = '*') or area in (select unnest(string_to_array(coalesce(current_setting('ioc.areas', true), ''), ','))))
  and coalesce(camera = any ((select case when current_setting('ioc.cameras', true) = '*' then null else string_to_array(coalesce(current_setting('ioc.cameras', true), ''), ',') end)::text[]), true)
  and coalesce(hour >= (select case coalesce(current_setting('ioc.past', true), '') when '' then 'infinity' when 'all' then '-infinity' else now() - current_setting('ioc.past', true)::interval end), true), false)
);
create policy adds on alarm_sources as restrictive for insert with check ((select 'alarm' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
create policy changes on alarm_sources as restrictive for update using ((select 'alarm' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
create policy drops on alarm_sources as restrictive for delete using ((select 'alarm' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
