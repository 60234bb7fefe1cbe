-- Codes by which devices and cameras enrol themselves, and those that wait for a person to let them in.
create table enrolment_codes (
  digest bytea primary key check (octet_length(digest) = 32),
  id uuid not null unique,
  subject text not null check (subject in ('device', 'camera')),
  centre text not null references centres,
  area text not null default '',
  profile text not null default '',
  kind text not null,
  note text not null default '',
  made_by text not null,
  made_at timestamptz not null,
  expires_at timestamptz not null check (expires_at > made_at),
  revoked_at timestamptz
);
comment on table enrolment_codes is 'one-time codes of which only the digest is kept (ioc/registration/one_time.py)';
comment on column enrolment_codes.area is 'empty: where it will stand is not known yet';
create index enrolment_codes_expires on enrolment_codes (expires_at);

create table enrolments (
  id uuid primary key,
  code_digest bytea not null unique references enrolment_codes,
  ticket bytea not null unique check (octet_length(ticket) = 32),
  subject text not null check (subject in ('device', 'camera')),
  centre text not null references centres,
  area text not null default '',
  state text not null check (state in ('waiting', 'approved', 'refused', 'collected')),
  said jsonb not null,
  address text not null,
  arrived_at timestamptz not null,
  decided_at timestamptz,
  decided_by text not null default '',
  reason text not null default '',
  thing text not null default '',
  collected_at timestamptz,
  constraint enrolments_decided check ((state = 'waiting') = (decided_at is null)),
  constraint enrolments_thing check ((state in ('approved', 'collected')) = (thing <> ''))
);
comment on table enrolments is 'devices and cameras that came with a code, and what became of them';
comment on column enrolments.ticket is 'digest of the secret with which the device asks what became of it';
comment on column enrolments.said is 'what it said of itself: nothing of it is believed before a person approves';
comment on column enrolments.thing is 'the code under which it was registered';
create index enrolments_state on enrolments (state, arrived_at);

grant select, insert, update, delete on enrolment_codes, enrolments to ioc_app;

-- Row-level security, made by ioc/store/guards.py from the rule of ioc/access/scope.py.

alter table enrolment_codes enable row level security;
create policy scope on enrolment_codes using (
  coalesce(subject = any ((select string_to_array(coalesce(current_setting('ioc.kinds', true), ''), ','))::text[]) and coalesce(centre = any ((select case when current_setting('ioc.scope', true) = '*' then null else string_to_array(coalesce(current_setting('ioc.scope', true), ''), ',') end)::text[]), true)
  and ((select current_setting('ioc.areas', true) = '*') or area in (select unnest(string_to_array(coalesce(current_setting('ioc.areas', true), ''), ',')))), false)
) with check (
  coalesce(subject = any ((select string_to_array(coalesce(current_setting('ioc.kinds', true), ''), ','))::text[]) and coalesce(centre = any ((select case when current_setting('ioc.scope', true) = '*' then null else string_to_array(coalesce(current_setting('ioc.scope', true), ''), ',') end)::text[]), true)
  and ((select current_setting('ioc.areas', true) = '*') or area in (select unnest(string_to_array(coalesce(current_setting('ioc.areas', true), ''), ',')))), false)
);
create policy adds on enrolment_codes as restrictive for insert with check (subject = any ((select string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))::text[]));
create policy changes on enrolment_codes as restrictive for update using (subject = any ((select string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))::text[]));
create policy drops on enrolment_codes as restrictive for delete using (subject = any ((select string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))::text[]));
alter table enrolments enable row level security;
create policy scope on enrolments using (
  coalesce(subject = any ((select string_to_array(coalesce(current_setting('ioc.kinds', true), ''), ','))::text[]) and coalesce(centre = any ((select case when current_setting('ioc.scope', true) = '*' then null else string_to_array(coalesce(current_setting('ioc.scope', true), ''), ',') end)::text[]), true)
  and ((select current_setting('ioc.areas', true) = '*') or area in (select unnest(string_to_array(coalesce(current_setting('ioc.areas', true), ''), ',')))), false)
) with check (
  coalesce(subject = any ((select string_to_array(coalesce(current_setting('ioc.kinds', true), ''), ','))::text[]) and coalesce(centre = any ((select case when current_setting('ioc.scope', true) = '*' then null else string_to_array(coalesce(current_setting('ioc.scope', true), ''), ',') end)::text[]), true)
  and ((select current_setting('ioc.areas', true) = '*') or area in (select unnest(string_to_array(coalesce(current_setting('ioc.areas', true), ''), ',')))), false)
);
create policy adds on enrolments as restrictive for insert with check (subject = any ((select string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))::text[]));
create policy changes on enrolments as restrictive for update using (subject = any ((select string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))::text[]));
create policy drops on enrolments as restrictive for delete using (subject = any ((select string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))::text[]));
