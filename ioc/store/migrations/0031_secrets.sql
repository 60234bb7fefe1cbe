-- What was written in the clear waits under another name until a process that has the key has sealed it; emptying that
-- table with TRUNCATE takes its file off the disk, which deleting rows would not.
alter table camera_addresses rename to camera_addresses_plain;
alter table camera_addresses_plain rename constraint camera_addresses_pkey to camera_addresses_plain_pkey;
alter table camera_addresses_plain rename constraint camera_addresses_code_fkey to camera_addresses_plain_code_fkey;
comment on table camera_addresses_plain is 'addresses from before they were sealed; empty soon after the upgrade';
grant truncate on camera_addresses_plain to ioc_app;

create table camera_addresses (
  code text primary key references cameras,
  kind text not null,
  host text not null,
  port integer not null,
  path text not null,
  key text not null,
  sealed bytea not null
);
grant select, insert, update, delete on camera_addresses to ioc_app;
comment on table camera_addresses is
  'where cameras are; the whole address with its account is sealed by a key that is not in the database';
comment on column camera_addresses.path is 'without query, and without what may hold a password';
comment on column camera_addresses.key is 'id of the key that opens the sealed address';
