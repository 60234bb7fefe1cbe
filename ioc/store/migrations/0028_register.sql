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
