-- For tables whose rows have a centre and an area and are few; the others have policies in 0001_rights.sql.
-- No scope means no rows. '*' is the whole installation; otherwise a comma-separated list.
create function ioc_sees(centre text, area text) returns boolean
language sql stable parallel safe
as $$ select (current_setting('ioc.scope', true) = '*'
              or centre = any (string_to_array(current_setting('ioc.scope', true), ',')))
         and (current_setting('ioc.areas', true) = '*'
              or area = any (string_to_array(current_setting('ioc.areas', true), ','))) $$;

create table areas (
  fid text primary key,
  code text not null,
  name text not null,
  kind text not null,
  level smallint not null,
  parent text,
  valid_from date not null,
  valid_to date,
  successors text[] not null default '{}',
  label geometry(Point, 4326) not null,
  geom geometry(MultiPolygon, 4326) not null,
  geom3857 geometry(MultiPolygon, 3857) generated always as (st_transform(geom, 3857)) stored
);
create index areas_geom on areas using gist (geom);
create index areas_geom3857 on areas using gist (geom3857);

create table centres (
  code text primary key,
  name text not null,
  name_en text not null,
  kind text not null check (kind in ('province', 'district'))
);

create table centre_areas (
  centre text not null references centres,
  area text not null references areas,
  primary key (centre, area)
);

create table accounts (
  id uuid primary key,
  login text not null unique,
  name text not null,
  role text not null check (role in ('admin', 'operator', 'district', 'registrar', 'viewer', 'assessor')),
  centre text references centres,
  language text not null default 'vi',
  areas text[] not null default '{}',
  subtree text[] not null default '{}',
  cameras text[] not null default '{}',
  span text not null default 'all' check (span in ('live', 'day', 'all')),
  password_hash text not null,
  created_at timestamptz not null,
  disabled_at timestamptz
);
comment on column accounts.centre is 'null: the whole installation';
comment on column accounts.subtree is 'kept by a trigger: all areas that lie in `areas`';

create table devices (
  code text primary key,
  centre text not null references centres,
  area text not null,
  name text not null,
  kind text not null,
  profile text not null,
  gateway text,
  approximate boolean not null default false,
  note text not null default '',
  state text not null default 'lost' check (state in ('fresh', 'stale', 'lost', 'suspended')),
  state_since timestamptz not null,
  geom geometry(Point, 4326) not null,
  geom3857 geometry(Point, 3857) generated always as (st_transform(geom, 3857)) stored
);
create index devices_geom on devices using gist (geom);
create index devices_geom3857 on devices using gist (geom3857);

create table positions (
  code text not null,
  subject text not null check (subject in ('device', 'camera')),
  valid_from timestamptz not null,
  centre text not null,
  area text not null,
  geom geometry(Point, 4326) not null,
  primary key (code, valid_from)
);
comment on table positions is 'where a device or camera stood from a moment on; readings carry no geometry';

create table cameras (
  code text primary key,
  centre text not null references centres,
  area text not null,
  name text not null,
  kind text not null,
  note text not null default '',
  bearing double precision,
  fov double precision,
  settings jsonb not null,
  state text not null default 'silent',
  state_since timestamptz not null,
  geom geometry(Point, 4326) not null,
  geom3857 geometry(Point, 3857) generated always as (st_transform(geom, 3857)) stored,
  view geometry(Polygon, 4326),
  view3857 geometry(Polygon, 3857) generated always as (st_transform(view, 3857)) stored
);
create index cameras_geom on cameras using gist (geom);
create index cameras_geom3857 on cameras using gist (geom3857);
create index cameras_view on cameras using gist (view);
create index cameras_view3857 on cameras using gist (view3857);

create table camera_addresses (
  code text primary key references cameras,
  url text not null
);
comment on table camera_addresses is 'kept apart from cameras so that no listing of cameras can show a password';

create table streams (
  id integer generated always as identity primary key,
  centre text not null,
  device text not null,
  property text not null,
  unit text not null,
  unique (device, property)
);

create table readings (
  at timestamptz not null,
  stream integer not null,
  seq bigint not null,
  value double precision not null,
  quality smallint not null,
  derived boolean not null,
  run text not null,
  recorded_at timestamptz,
  arrived_at timestamptz not null,
  centre text not null,
  area text not null
) partition by range (at);
create unique index readings_key on readings (stream, at, run, seq);
create index readings_at on readings using brin (at);
comment on column readings.seq is '-1: the device does not count, run then holds ''#'' and the digest of the payload';

-- The service owns no table, so a day's partition is made on its behalf.
create function ensure_readings_day(day date) returns void
language plpgsql security definer set search_path = public, pg_temp
as $$
begin
  execute format(
    'create table if not exists %I partition of readings for values from (%L) to (%L)',
    'readings_' || to_char(day, 'YYYYMMDD'), day::timestamptz, (day + 1)::timestamptz);
end $$;

create table latest (
  stream integer primary key references streams,
  centre text not null,
  area text not null,
  at timestamptz not null,
  recorded_at timestamptz,
  arrived_at timestamptz not null,
  value double precision not null,
  quality smallint not null,
  derived boolean not null
);

create table media (
  id uuid primary key,
  centre text not null,
  area text not null,
  source text not null,
  kind text not null,
  content_type text not null,
  bytes integer not null,
  sha256 bytea not null,
  taken_at timestamptz not null,
  expires_at timestamptz not null
);
create index media_expires on media (expires_at);

create table sightings (
  id uuid primary key,
  centre text not null,
  area text not null,
  camera text not null,
  run text not null,
  seq bigint not null,
  at timestamptz not null,
  kind text not null,
  subject text not null,
  direction text not null,
  object_class text not null,
  track text not null,
  box real[] not null,
  error_m double precision,
  media uuid,
  arrived_at timestamptz not null,
  geom geometry(Point, 4326),
  unique (centre, camera, run, seq, at)
);
create index sightings_camera on sightings (camera, at);

create table journal (
  id bigint generated always as identity primary key,
  kind text not null,
  payload bytea not null,
  arrived_at timestamptz not null
);

create table cursors (
  name text primary key,
  through bigint not null
);

create table dead_letters (
  id bigint generated always as identity primary key,
  centre text,
  area text,
  topic text not null,
  head bytea not null,
  bytes bigint not null,
  sha256 bytea not null,
  code text not null,
  reason text not null,
  arrived_at timestamptz not null
);
create index dead_letters_arrived on dead_letters (arrived_at);

create table parts (
  name text primary key,
  ready boolean not null,
  state jsonb not null,
  seen_at timestamptz not null
);
comment on table parts is 'what each process says of itself, every few seconds';

create table rule_states (
  key text primary key,
  state jsonb not null
);

create table incidents (
  id uuid primary key,
  centre text not null,
  area text not null,
  camera text,
  ended_at timestamptz generated always as (
    case when status not in ('new', 'acknowledged', 'in_progress', 'reopened') then updated_at end) stored,
  version integer not null,
  key text not null,
  title text not null,
  title_en text not null,
  category text not null,
  severity text not null check (severity in ('minor', 'moderate', 'severe', 'extreme')),
  status text not null check (status in ('new', 'acknowledged', 'in_progress', 'resolved', 'closed',
                                         'reopened', 'false_alarm', 'duplicate')),
  owner text,
  area_code text not null,
  area_name text not null,
  sources text[] not null,
  alarms integer not null,
  count integer not null,
  cleared boolean not null,
  opened_at timestamptz not null,
  updated_at timestamptz not null,
  first_at timestamptz not null,
  last_at timestamptz not null,
  geom geometry(Point, 4326) not null,
  geom3857 geometry(Point, 3857) generated always as (st_transform(geom, 3857)) stored
);
create unique index incidents_open on incidents (key)
  where status in ('new', 'acknowledged', 'in_progress', 'reopened');
create index incidents_geom on incidents using gist (geom);
create index incidents_geom3857_open on incidents using gist (geom3857)
  where status in ('new', 'acknowledged', 'in_progress', 'reopened');
create index incidents_opened on incidents (opened_at);

comment on column incidents.camera is 'the camera that it came from, null when it came from anything else too';

create table incident_log (
  id bigint generated always as identity primary key,
  incident uuid not null references incidents,
  centre text not null,
  area text not null,
  at timestamptz not null,
  who text not null,
  what text not null,
  text text not null
);
create index incident_log_incident on incident_log (incident, id);

create table alarms (
  id uuid primary key,
  centre text not null,
  area text not null,
  camera text generated always as (case when source_kind = 'camera' then source end) stored,
  cleared_at timestamptz,
  key text not null,
  rule text not null,
  category text not null,
  severity text not null check (severity in ('minor', 'moderate', 'severe', 'extreme')),
  source_kind text not null,
  source text not null,
  source_name text not null,
  property text not null,
  raised_at timestamptz not null,
  seen_at timestamptz not null,
  count integer not null,
  evidence jsonb not null,
  incident uuid references incidents,
  geom geometry(Point, 4326) not null,
  geom3857 geometry(Point, 3857) generated always as (st_transform(geom, 3857)) stored
);
create unique index alarms_open on alarms (key) where cleared_at is null;
create index alarms_incident on alarms (incident);
create index alarms_geom on alarms using gist (geom);
create index alarms_geom3857 on alarms using gist (geom3857);

create table changes (
  id bigint generated always as identity primary key,
  subject text not null check (subject in ('incident', 'alarm', 'ticket', 'device', 'camera', 'link')),
  subject_id text not null,
  op text not null check (op in ('put', 'removed')),
  centre text not null,
  area text not null,
  camera text,
  centre_before text,
  area_before text,
  at timestamptz not null,
  value jsonb not null
);
comment on table changes is 'after-image of every change, one rising id an installation';
create index changes_at on changes (at);

grant usage on schema public to ioc_app;
grant select, insert, update, delete on all tables in schema public to ioc_app;
grant usage, select on all sequences in schema public to ioc_app;
revoke all on function ensure_readings_day(date) from public;
grant execute on function ensure_readings_day(date) to ioc_app;

create schema outside;
create view outside.kept as
  select s.centre, s.device, case when r.seq < 0 then '' else r.run end as run,
         nullif(r.seq, -1) as seq, r.at, s.property, r.value,
         (array['good', 'implausible', 'calibrating', 'fault'])[r.quality + 1] as quality, r.arrived_at
  from readings r join streams s on s.id = r.stream;
create view outside.dead_letters as
  select topic, head, bytes, reason, arrived_at from public.dead_letters;
grant usage on schema outside to ioc_outside;
grant select on all tables in schema outside to ioc_outside;

-- Answers kept for repeated requests (Idempotency-Key) --------------------------------------------------------

create table answers (
  login text not null,
  key text not null,
  request bytea not null,
  status integer,
  media text not null default '',
  body bytea,
  claimed_at timestamptz not null,
  primary key (login, key)
);
comment on column answers.status is 'null: the request is being carried out';
create index answers_claimed on answers (claimed_at);
grant select, insert, update, delete on answers to ioc_app;
