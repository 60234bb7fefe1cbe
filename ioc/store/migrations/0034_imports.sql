-- Files that came to be imported, as they were read and judged: each is its person's alone, for a day.
create table imports (
  id uuid primary key,
  login text not null,
  subject text not null check (subject in ('device', 'camera')),
  made_at timestamptz not null,
  expires_at timestamptz not null,
  applied_at timestamptz,
  headings text[] not null,
  unknown jsonb not null,
  rows bytea not null check (octet_length(rows) <= 33554432)
);
comment on table imports is 'dry runs of imports: what a file would do, until it is applied or a day is over';
comment on column imports.headings is 'what the columns of the file are called';
comment on column imports.unknown is 'headings that mean nothing here, each with the known one that may be meant';
comment on column imports.rows is 'every row with its cells, what it gives and what is said of it: JSON, packed by zlib';
create index imports_login on imports (login, made_at);
create index imports_expiry on imports (expires_at);
alter table imports alter column rows set storage external;

grant select, insert, update, delete on imports to ioc_app;

-- Row-level security, made by ioc/store/guards.py from the rule of ioc/access/scope.py.

alter table imports enable row level security;
create policy scope on imports using (
  coalesce(subject = any ((select string_to_array(coalesce(current_setting('ioc.kinds', true), ''), ','))::text[])
  and (login = (select coalesce(current_setting('ioc.person', true), '')) or (select coalesce(current_setting('ioc.person', true), '')) = '*'), false)
) with check (
  coalesce(subject = any ((select string_to_array(coalesce(current_setting('ioc.kinds', true), ''), ','))::text[])
  and (login = (select coalesce(current_setting('ioc.person', true), '')) or (select coalesce(current_setting('ioc.person', true), '')) = '*'), false)
);
create policy adds on imports as restrictive for insert with check (subject = any ((select string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))::text[]));
create policy changes on imports as restrictive for update using (subject = any ((select string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))::text[]));
create policy drops on imports as restrictive for delete using (subject = any ((select string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))::text[]));
