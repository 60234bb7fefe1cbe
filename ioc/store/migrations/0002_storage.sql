-- Readings that last: partitions by retention class and time that are made ahead and dropped whole, rollups by hour,
-- and narrower rows.

alter table streams add column retention smallint not null default 2;
comment on column streams.retention is 'number of the retention class (ioc/data/retention.toml), fixed when the stream began';

-- Whose a reading was: one number instead of two texts in each row.
create table owners (
  id integer generated always as identity primary key,
  centre text not null,
  area text not null,
  unique (centre, area)
);

-- Present values change in place: room in each page keeps every update out of the index.
alter table latest set (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.5);

-- Cheaper by a third than PostgreSQL's own compression, where the server was built with it.
do $$
begin
  alter table journal alter column payload set compression lz4;
exception when feature_not_supported then null;
end $$;

drop view outside.kept;
alter table readings rename to readings_0001;
drop function ensure_readings_day(date);

create table readings (
  at timestamptz not null,
  seq bigint not null,
  value double precision not null,
  arrived_at timestamptz not null,
  recorded_at timestamptz,
  stream integer not null,
  owner integer not null,
  retention smallint not null,
  quality smallint not null,
  derived boolean not null,
  run text collate "C" not null
) partition by range (retention, at);
-- The stream first, then the time: a day of one stream is one run of the index.
create unique index readings_unique on readings (stream, at, seq, run, retention);
comment on column readings.seq is '-1: the device does not count, run then holds ''#'' and the digest of the payload';

create table rollups (
  hour timestamptz not null,
  total numeric not null,
  low double precision,
  high double precision,
  covered bigint not null,
  stream integer not null,
  owner integer not null,
  count integer not null,
  doubtful integer not null,
  retention smallint not null,
  primary key (stream, hour, retention)
) partition by range (retention, hour);
comment on column rollups.total is 'exact sum of the good values, so that their order does not matter';
comment on column rollups.covered is 'bit n: a good value of minute n of the hour';
comment on column rollups.doubtful is 'number of values that were not good; they count nowhere else';

-- Attached rather than made as a partition, so that only makers wait for each other, and no writer.
create function ensure_partition(parent text, retention integer, first timestamptz, past timestamptz) returns boolean
language plpgsql security definer set search_path = public, pg_temp set timezone = 'UTC'
as $$
declare
  name text := format('%s_c%s_%s', parent, retention, to_char(first, 'YYYYMMDD'));
begin
  if parent not in ('readings', 'rollups') or retention not between 1 and 99
     or first <> date_trunc('day', first) or past <> date_trunc('day', past)
     or past - first not between '1 day' and '31 days' then
    raise exception 'no partition of ours: % % % %', parent, retention, first, past
      using errcode = 'invalid_parameter_value';
  end if;
  perform pg_advisory_xact_lock(7235005);
  if to_regclass(format('public.%I', name)) is not null then
    return false;
  end if;
  execute format('create table %I (like %I including defaults)', name, parent);
  execute format('alter table %I attach partition %I for values from (%s, %L) to (%s, %L)',
                 parent, name, retention, first, retention, past);
  return true;
end $$;

-- A day of the class "standard".
create function ensure_readings_day(day date) returns void
language sql
begin atomic
  select ensure_partition('readings', 2, day::timestamp at time zone 'UTC', (day + 1)::timestamp at time zone 'UTC');
end;

-- Waits only briefly for its lock, because every writer would wait behind it.
create function drop_oldest_partition(parent text, retention integer, before timestamptz) returns text
language plpgsql security definer set search_path = public, pg_temp set timezone = 'UTC' set lock_timeout = '250ms'
as $$
declare
  name text;
begin
  if parent not in ('readings', 'rollups') then
    raise exception 'no table of ours has partitions: %', parent using errcode = 'invalid_parameter_value';
  end if;
  select c.relname into name
    from pg_inherits i join pg_class c on c.oid = i.inhrelid,
         lateral (select substring(pg_get_expr(c.relpartbound, c.oid) from $re$TO \(.*, '(.*)'\)$re$)::timestamptz) b(past)
    where i.inhparent = format('public.%I', parent)::regclass
      and c.relname like format('%s\_c%s\_%%', parent, retention) and b.past <= before
    order by b.past limit 1;
  if name is not null then
    execute format('drop table %I', name);
  end if;
  return name;
end $$;

insert into owners (centre, area)
  select distinct centre, area from readings_0001 union select centre, area from latest;
select ensure_readings_day(day) from (select distinct (at at time zone 'UTC')::date as day from readings_0001) d;
insert into readings (at, seq, value, arrived_at, recorded_at, stream, owner, retention, quality, derived, run)
  select r.at, r.seq, r.value, r.arrived_at, r.recorded_at, r.stream, o.id, 2, r.quality, r.derived, r.run
  from readings_0001 r join owners o using (centre, area);
drop table readings_0001;

-- What was kept before there were rollups: all of it, because their reader begins behind today's journal.
select ensure_partition('rollups', 2, month at time zone 'UTC', (month + interval '1 month') at time zone 'UTC')
  from (select distinct date_trunc('month', at at time zone 'UTC') as month from readings) m;
insert into rollups (hour, total, low, high, covered, stream, owner, count, doubtful, retention)
  select date_trunc('hour', at, 'UTC'), coalesce(sum(value::text::numeric) filter (where quality = 0), 0),
         min(value) filter (where quality = 0), max(value) filter (where quality = 0),
         coalesce(bit_or(1::bigint << extract(minute from at)::int) filter (where quality = 0), 0),
         stream, max(owner), count(*) filter (where quality = 0), count(*) filter (where quality <> 0), retention
  from readings group by 1, stream, retention;
insert into cursors (name, through) select 'rollups', max(id) from journal having max(id) is not null;

grant select, insert, update, delete on owners, readings, rollups to ioc_app;
grant usage, select on all sequences in schema public to ioc_app;
revoke all on function ensure_partition(text, integer, timestamptz, timestamptz) from public;
revoke all on function ensure_readings_day(date) from public;
revoke all on function drop_oldest_partition(text, integer, timestamptz) from public;
grant execute on function ensure_partition(text, integer, timestamptz, timestamptz) to ioc_app;
grant execute on function ensure_readings_day(date) to ioc_app;
grant execute on function drop_oldest_partition(text, integer, timestamptz) to ioc_app;

create view outside.kept as
  select s.centre, s.device, case when r.seq < 0 then '' else r.run end as run,
         nullif(r.seq, -1) as seq, r.at, s.property, r.value,
         (array['good', 'implausible', 'calibrating', 'fault'])[r.quality + 1] as quality, r.arrived_at
  from readings r join streams s on s.id = r.stream;
grant select on outside.kept to ioc_outside;

-- Row-level security, made by ioc/store/guards.py from the rule of ioc/access/scope.py.

alter table owners enable row level security;
create policy scope on owners using (
  coalesce(coalesce(centre = any ((select case when 'reading' <> all (string_to_array(coalesce(current_setting('ioc.kinds', true), ''), ',')) then '{}' when current_setting('ioc.scope', true) = '*' then null else string_to_array(coalesce(current_setting('ioc.scope', true), ''), ',') end)::text[]), true)
  and ((select current_setting('ioc.areas', true) = '*') or area in (select unnest(string_to_array(coalesce(current_setting('ioc.areas', true), ''), ',')))), false)
) with check (
  coalesce(coalesce(centre = any ((select case when 'reading' <> all (string_to_array(coalesce(current_setting('ioc.kinds', true), ''), ',')) then '{}' when current_setting('ioc.scope', true) = '*' then null else string_to_array(coalesce(current_setting('ioc.scope', true), ''), ',') end)::text[]), true)
  and ((select current_setting('ioc.areas', true) = '*') or area in (select unnest(string_to_array(coalesce(current_setting('ioc.areas', true), ''), ',')))), false)
);
create policy adds on owners as restrictive for insert with check ((select 'reading' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
create policy changes on owners as restrictive for update using ((select 'reading' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
create policy drops on owners as restrictive for delete using ((select 'reading' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
alter table readings enable row level security;
create policy scope on readings using (
  coalesce(coalesce(owner = any ((select case when 'reading' <> all (string_to_array(coalesce(current_setting('ioc.kinds', true), ''), ',')) then '{}' when current_setting('ioc.scope', true) = '*' and current_setting('ioc.areas', true) = '*' then null else array(select id from owners) end)::int[]), true)
  and coalesce(at >= (select case coalesce(current_setting('ioc.past', true), '') when '' then 'infinity' when 'all' then '-infinity' else now() - current_setting('ioc.past', true)::interval end), true), false)
) with check (
  coalesce(coalesce(owner = any ((select case when 'reading' <> all (string_to_array(coalesce(current_setting('ioc.kinds', true), ''), ',')) then '{}' when current_setting('ioc.scope', true) = '*' and current_setting('ioc.areas', true) = '*' then null else array(select id from owners) end)::int[]), true)
  and coalesce(at >= (select case coalesce(current_setting('ioc.past', true), '') when '' then 'infinity' when 'all' then '-infinity' else now() - current_setting('ioc.past', true)::interval end), true), false)
);
create policy adds on readings as restrictive for insert with check ((select 'reading' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
create policy changes on readings as restrictive for update using ((select 'reading' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
create policy drops on readings as restrictive for delete using ((select 'reading' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
alter table rollups enable row level security;
create policy scope on rollups using (
  coalesce(coalesce(owner = any ((select case when 'reading' <> all (string_to_array(coalesce(current_setting('ioc.kinds', true), ''), ',')) then '{}' when current_setting('ioc.scope', true) = '*' and current_setting('ioc.areas', true) = '*' then null else array(select id from owners) end)::int[]), true)
  and coalesce(hour >= (select case coalesce(current_setting('ioc.past', true), '') when '' then 'infinity' when 'all' then '-infinity' else now() - current_setting('ioc.past', true)::interval end), true), false)
) with check (
  coalesce(coalesce(owner = any ((select case when 'reading' <> all (string_to_array(coalesce(current_setting('ioc.kinds', true), ''), ',')) then '{}' when current_setting('ioc.scope', true) = '*' and current_setting('ioc.areas', true) = '*' then null else array(select id from owners) end)::int[]), true)
  and coalesce(hour >= (select case coalesce(current_setting('ioc.past', true), '') when '' then 'infinity' when 'all' then '-infinity' else now() - current_setting('ioc.past', true)::interval end), true), false)
);
create policy adds on rollups as restrictive for insert with check ((select 'reading' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
create policy changes on rollups as restrictive for update using ((select 'reading' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
create policy drops on rollups as restrictive for delete using ((select 'reading' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
