-- Rules with their versions and overrides. Every change of a rule makes its next version: an alarm names the one by which it was judged.
create table rules (
  pack text not null,
  code text not null,
  version integer not null check (version > 0),
  enabled boolean not null,
  demo boolean not null default false,
  shipped jsonb,
  shipped_version integer,
  judged_version integer not null default 0,
  primary key (pack, code)
);
comment on column rules.version is 'the newest version, which is in force while it is enabled';
comment on column rules.demo is 'a rule for replayed recordings alone';
comment on column rules.shipped is 'what the shipped pack says of it, overrides too; null: made by people';
comment on column rules.shipped_version is 'the version of the pack that says so';
comment on column rules.judged_version is 'the version that the desk has taken up: what was open is judged by it; 0: none yet';

create table rule_versions (
  pack text not null,
  code text not null,
  version integer not null,
  enabled boolean not null,
  body jsonb not null,
  what text not null check (what in ('shipped', 'made', 'changed', 'enabled', 'disabled', 'overridden', 'released',
                                     'restored')),
  at timestamptz not null,
  who text not null,
  reason text not null,
  primary key (pack, code, version),
  foreign key (pack, code) references rules deferrable initially deferred
);
comment on column rule_versions.body is 'the rule without its overrides, which are rows of rule_overrides';
comment on column rule_versions.who is 'the login of who made it; empty: the system, from a shipped pack';

create table rule_overrides (
  id bigint generated always as identity primary key,
  pack text not null,
  code text not null,
  kind text not null check (kind in ('device', 'area')),
  subject text not null,
  centre text not null,
  area text not null,
  first_version integer not null,
  last_version integer,
  body jsonb not null,
  foreign key (pack, code) references rules deferrable initially deferred
);
comment on column rule_overrides.subject is 'the code of a device, or the code or feature id of an area';
comment on column rule_overrides.centre is 'of the device, or the one that serves the area; empty: none, so that only who is not bound sees it';
comment on column rule_overrides.last_version is 'the last version of the rule that has it; null: the newest has it';
create unique index rule_overrides_current on rule_overrides (pack, code, kind, subject) where last_version is null;
create index rule_overrides_rule on rule_overrides (pack, code);
create index rule_overrides_subject on rule_overrides (subject);

-- An override is where its device is, also when that is registered later or moves: whoever enters it.
create function ioc_move_overrides() returns trigger
language plpgsql security definer set search_path = public
as $$
begin
  update rule_overrides set centre = new.centre, area = new.area
  where kind = 'device' and subject = new.code and (centre, area) is distinct from (new.centre, new.area);
  return null;
end $$;
create trigger move_overrides after insert or update of centre, area on devices
  for each row execute function ioc_move_overrides();

grant select, insert, update, delete on rules, rule_versions, rule_overrides to ioc_app;
grant usage, select on all sequences in schema public to ioc_app;

-- Row-level security, made by ioc/store/guards.py from the rule of ioc/access/scope.py.

alter table rule_overrides enable row level security;
create policy scope on rule_overrides using (
  coalesce(coalesce(centre = any ((select case when 'rule' <> all (string_to_array(coalesce(current_setting('ioc.kinds', true), ''), ',')) then '{}' when current_setting('ioc.scope', true) = '*' then null else string_to_array(coalesce(current_setting('ioc.scope', true), ''), ',') end)::text[]), true)
  and ((select current_setting('ioc.areas', true) = '*') or area in (select unnest(string_to_array(coalesce(current_setting('ioc.areas', true), ''), ',')))), false)
) with check (
  coalesce(coalesce(centre = any ((select case when 'rule' <> all (string_to_array(coalesce(current_setting('ioc.kinds', true), ''), ',')) then '{}' when current_setting('ioc.scope', true) = '*' then null else string_to_array(coalesce(current_setting('ioc.scope', true), ''), ',') end)::text[]), true)
  and ((select current_setting('ioc.areas', true) = '*') or area in (select unnest(string_to_array(coalesce(current_setting('ioc.areas', true), ''), ',')))), false)
);
create policy adds on rule_overrides as restrictive for insert with check ((select 'rule' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
create policy changes on rule_overrides as restrictive for update using ((select 'rule' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
create policy drops on rule_overrides as restrictive for delete using ((select 'rule' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
alter table rules enable row level security;
create policy scope on rules using (
  coalesce((select 'rule' = any (string_to_array(coalesce(current_setting('ioc.kinds', true), ''), ','))), false)
) with check (
  coalesce((select 'rule' = any (string_to_array(coalesce(current_setting('ioc.kinds', true), ''), ','))), false)
);
create policy adds on rules as restrictive for insert with check ((select 'rule' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
create policy changes on rules as restrictive for update using ((select 'rule' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
create policy drops on rules as restrictive for delete using ((select 'rule' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
alter table rule_versions enable row level security;
create policy scope on rule_versions using (
  coalesce((select 'rule' = any (string_to_array(coalesce(current_setting('ioc.kinds', true), ''), ','))), false)
) with check (
  coalesce((select 'rule' = any (string_to_array(coalesce(current_setting('ioc.kinds', true), ''), ','))), false)
);
create policy adds on rule_versions as restrictive for insert with check ((select 'rule' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
create policy changes on rule_versions as restrictive for update using ((select 'rule' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
create policy drops on rule_versions as restrictive for delete using ((select 'rule' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
