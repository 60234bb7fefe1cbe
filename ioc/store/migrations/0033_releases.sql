-- Releases of administrative units, centres that were merged, and topics that stay accepted.
create table area_releases (
  name text primary key,
  sha256 bytea not null unique,
  effective date not null,
  source text not null,
  loaded_at timestamptz not null,
  loaded_by text not null,
  entered integer not null,
  closed integer not null,
  kept integer not null,
  shares jsonb not null,
  notes text[] not null,
  moved_at timestamptz,
  moved jsonb
);
comment on table area_releases is 'which releases of administrative units were loaded, from which bytes, and what each moved';
comment on column area_releases.moved_at is 'null: devices, tickets and all else move on the effective day';
comment on column area_releases.moved is 'the report of what moved, and of what a person has to decide';

create table centre_merges (
  gone text primary key references centres,
  centre text not null references centres,
  at timestamptz not null,
  who text not null,
  report jsonb not null,
  constraint centre_merges_two check (gone <> centre)
);
comment on table centre_merges is 'centres that went into others; what was before stays under the centre that is gone';

create table former_topics (
  code text not null,
  centre text not null references centres,
  since timestamptz not null,
  primary key (code, centre)
);
comment on table former_topics is 'centres under whose topics a moved device or camera may still speak until it is changed';

grant select, insert, update, delete on area_releases, centre_merges, former_topics to ioc_app;

-- Who works at a centre also sees what was before at those that went into it, and at those that went into these.
create function ioc_gone_into(wanted text) returns text[]
language sql stable
as $$ with recursive found (code) as (
        select gone from centre_merges where centre = wanted
        union select m.gone from centre_merges m join found f on m.centre = f.code)
      select coalesce(array_agg(code order by code), '{}') from found $$;

alter table accounts add column former text[] not null default '{}';
comment on column accounts.former is 'kept by a trigger: centres that went into the account''s own';

create function ioc_spell_out_former() returns trigger
language plpgsql
as $$
begin
  new.former = case when new.centre is null then '{}' else ioc_gone_into(new.centre) end;
  return new;
end $$;
create trigger spell_out_former before insert or update on accounts
  for each row execute function ioc_spell_out_former();

create function ioc_spell_out_former_again() returns trigger
language plpgsql
as $$
begin
  update accounts set centre = centre where centre is not null;
  return null;
end $$;
create trigger spell_out_former_again after insert or update or delete on centre_merges
  for each statement execute function ioc_spell_out_former_again();
