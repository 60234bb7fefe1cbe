-- The keys by which devices, gateways and cameras sign in at the broker, as the broker's hashes, and certificates.
create table device_keys (
  login text primary key check (login in (code, code || '~')),
  code text not null,
  subject text not null check (subject in ('device', 'camera')),
  hash text check (hash ~ '^\$7\$[1-9][0-9]{0,8}\$[A-Za-z0-9+/]{1,64}={0,2}\$[A-Za-z0-9+/]{86}==$'),
  made_at timestamptz not null,
  made_by text not null,
  seen_at timestamptz,
  until timestamptz
);
comment on table device_keys is 'who may sign in at the broker (ioc/registration/broker_key.py); the keys themselves are nowhere';
comment on column device_keys.login is 'the name at the broker: the code, or the code with ~ for every second key';
comment on column device_keys.hash is 'as in Mosquitto''s password file; null: the key was withdrawn, and none was given since';
comment on column device_keys.seen_at is 'when the device signed in with this key last';
comment on column device_keys.until is 'until when an old key is good beside its successor; null: for good';
create index device_keys_code on device_keys (code);

create table device_certificates (
  serial text primary key check (serial ~ '^[0-9a-f]{1,40}$'),
  code text not null,
  subject text not null check (subject in ('device', 'camera')),
  made_at timestamptz not null,
  made_by text not null,
  until timestamptz not null,
  revoked_at timestamptz
);
comment on table device_certificates is 'client certificates that the centre''s own authority signed for devices';
comment on column device_certificates.serial is 'the serial number in hexadecimal digits, without zeros in front';
create index device_certificates_code on device_certificates (code);

grant select, insert, update, delete on device_keys, device_certificates to ioc_app;

-- Row-level security, made by ioc/store/guards.py from the rule of ioc/access/scope.py.

alter table device_keys enable row level security;
create policy scope on device_keys using (
  coalesce(subject = any ((select string_to_array(coalesce(current_setting('ioc.kinds', true), ''), ','))::text[])
  and case subject when 'device' then exists (select from devices t where t.code = device_keys.code) when 'camera' then exists (select from cameras t where t.code = device_keys.code) end, false)
) with check (
  coalesce(subject = any ((select string_to_array(coalesce(current_setting('ioc.kinds', true), ''), ','))::text[])
  and case subject when 'device' then exists (select from devices t where t.code = device_keys.code) when 'camera' then exists (select from cameras t where t.code = device_keys.code) end, false)
);
create policy adds on device_keys as restrictive for insert with check (subject = any ((select string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))::text[]));
create policy changes on device_keys as restrictive for update using (subject = any ((select string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))::text[]));
create policy drops on device_keys as restrictive for delete using (subject = any ((select string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))::text[]));
alter table device_certificates enable row level security;
create policy scope on device_certificates using (
  coalesce(subject = any ((select string_to_array(coalesce(current_setting('ioc.kinds', true), ''), ','))::text[])
  and case subject when 'device' then exists (select from devices t where t.code = device_certificates.code) when 'camera' then exists (select from cameras t where t.code = device_certificates.code) end, false)
) with check (
  coalesce(subject = any ((select string_to_array(coalesce(current_setting('ioc.kinds', true), ''), ','))::text[])
  and case subject when 'device' then exists (select from devices t where t.code = device_certificates.code) when 'camera' then exists (select from cameras t where t.code = device_certificates.code) end, false)
);
create policy adds on device_certificates as restrictive for insert with check (subject = any ((select string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))::text[]));
create policy changes on device_certificates as restrictive for update using (subject = any ((select string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))::text[]));
create policy drops on device_certificates as restrictive for delete using (subject = any ((select string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))::text[]));
