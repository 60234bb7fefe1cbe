-- How each person has arranged the wall.

create table layouts (
  account uuid primary key references accounts on delete cascade,
  version integer not null check (version > 0),
  layout jsonb not null check (octet_length(layout::text) <= 65536),
  changed_at timestamptz not null
);
comment on table layouts is 'arrangements of the wall that a person has named; seen and changed by that person alone';

grant select, insert, update on layouts to ioc_app;
