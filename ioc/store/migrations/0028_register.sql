-- What was registered before there was a record is in use: its life cycle begins as active.
alter table devices
  add column lifecycle text not null default 'active'
    check (lifecycle in ('draft', 'approved', 'active', 'suspended', 'retired')),
  add column version integer not null default 1,
  add column maker text not null default '',
  add column model text not null default '',
  add column serial text not null default '',
  add column firmware text not null default '',
  add column contract text not null default '',
  add column warranty_until date,
  add column installed_on date,
  add column photo uuid,
  add column tags text[] not null default '{}',
  add column conformity text not null default '',
  add column password_changed_on date,
  add column notice_posted_on date,
  add column purpose text not null default '',
  add column retention text not null default '',
  add column updated_at timestamptz,
  add column updated_by text not null default '';

alter table cameras
  add column lifecycle text not null default 'active'
    check (lifecycle in ('draft', 'approved', 'active', 'suspended', 'retired')),
  add column version integer not null default 1,
  add column maker text not null default '',
  add column model text not null default '',
  add column serial text not null default '',
  add column firmware text not null default '',
  add column contract text not null default '',
  add column warranty_until date,
  add column installed_on date,
  add column photo uuid,
  add column tags text[] not null default '{}',
  add column conformity text not null default '',
  add column password_changed_on date,
  add column notice_posted_on date,
  add column purpose text not null default '',
  add column retention text not null default '',
  add column updated_at timestamptz,
  add column updated_by text not null default '';

comment on column devices.conformity is 'declaration or certificate of conformity with QCVN 135:2024/BTTTT';
comment on column devices.password_changed_on is 'the day on which the maker''s password was changed; null: not yet';
comment on column devices.notice_posted_on is 'the day on which the notice of filming was put up (law 91/2025/QH15, article 32); null: not yet';
comment on column devices.updated_by is 'login of who changed the record last';
comment on column cameras.conformity is 'declaration or certificate of conformity with QCVN 135:2024/BTTTT';
comment on column cameras.password_changed_on is 'the day on which the maker''s password was changed; null: not yet';
comment on column cameras.notice_posted_on is 'the day on which the notice of filming was put up (law 91/2025/QH15, article 32); null: not yet';
comment on column cameras.updated_by is 'login of who changed the record last';

update devices set lifecycle = 'suspended' where state = 'suspended';

-- The register is searched by its people: pages by code, and what is at fault among many.
create index devices_lifecycle on devices (lifecycle, code);
create index cameras_lifecycle on cameras (lifecycle, code);

create table register_log (
  id bigint generated always as identity primary key,
  subject text not null check (subject in ('device', 'camera')),
  code text not null,
  version integer not null,
  at timestamptz not null,
  who text not null,
  act text not null,
  reason text not null default '',
  changes jsonb not null
);
comment on table register_log is 'every change of the record of a device or camera; lines are added and never changed';
comment on column register_log.version is 'of the record, that the change made';
comment on column register_log.changes is 'fields with what they were and became';
create index register_log_thing on register_log (subject, code, id);

-- A code means one thing wherever it is: in topics, at the broker, in positions and history. The owner's eyes see also what
-- the writer does not; a row that is left out is found to be taken by who inserts it (`on conflict do nothing returning`).
create function ioc_code_is_free() returns trigger
language plpgsql security definer set search_path = public, pg_temp
as $$
begin
  if new.code in ('ioc-intake', 'ioc-outside')  -- who they are at the broker: ioc/embedded/users.py
    or (tg_argv[0] = 'device' and exists (select from cameras c where c.code = new.code))
    or (tg_argv[0] = 'camera' and exists (select from devices d where d.code = new.code)) then
    return null;
  end if;
  return new;
end $$;
create trigger code_is_free before insert on devices for each row execute function ioc_code_is_free('device');
create trigger code_is_free before insert on cameras for each row execute function ioc_code_is_free('camera');

grant select, insert on register_log to ioc_app;
grant usage, select on all sequences in schema public to ioc_app;

-- Row-level security, made by ioc/store/guards.py from the rule of ioc/access/scope.py.

alter table register_log enable row level security;
create policy scope on register_log using (
  coalesce(subject = any ((select string_to_array(coalesce(current_setting('ioc.kinds', true), ''), ','))::text[])
  and case subject when 'device' then exists (select from devices t where t.code = register_log.code) when 'camera' then exists (select from cameras t where t.code = register_log.code) end, false)
) with check (
  coalesce(subject = any ((select string_to_array(coalesce(current_setting('ioc.kinds', true), ''), ','))::text[])
  and case subject when 'device' then exists (select from devices t where t.code = register_log.code) when 'camera' then exists (select from cameras t where t.code = register_log.code) end, false)
);
create policy adds on register_log as restrictive for insert with check (subject = any ((select string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))::text[]));
create policy changes on register_log as restrictive for update using (subject = any ((select string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))::text[]));
create policy drops on register_log as restrictive for delete using (subject = any ((select string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))::text[]));
