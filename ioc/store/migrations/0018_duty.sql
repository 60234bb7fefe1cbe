-- Policies of tickets by version, teams, and who is on duty when.
create table ticket_policies (
  version integer primary key check (version > 0),
  digest text not null,
  body jsonb not null,
  shipped boolean not null,
  at timestamptz not null,
  who text not null,
  why text not null
);
comment on table ticket_policies is 'units, routes, clocks and escalation by version (ioc/tickets/policy.py); a version is never changed';
comment on column ticket_policies.digest is 'SHA-256 of the body, by which it is kept in memory';
comment on column ticket_policies.shipped is 'it came with the program';
comment on column ticket_policies.who is 'the login of who made it; empty: it came with the program';

create table teams (
  unit text not null,
  code text not null,
  centre text not null,
  area text not null default '',
  name text not null check (name ~ '\S'),
  members text[] not null default '{}',
  version integer not null default 1,
  updated_at timestamptz not null,
  primary key (unit, code)
);
comment on table teams is 'who works together for a unit';
comment on column teams.centre is 'that of the unit';
comment on column teams.area is 'empty: a team has none, so that who is bound to areas does not see it';
comment on column teams.members is 'logins';

create table duties (
  id uuid primary key,
  series uuid not null,
  unit text not null,
  team text not null default '',
  login text not null default '',
  centre text not null,
  area text not null default '',
  starts timestamptz not null,
  until timestamptz not null,
  note text not null default '',
  created_by text not null,
  created_at timestamptz not null,
  constraint duties_somebody check (team <> '' or login <> ''),
  constraint duties_end check (until > starts and until <= starts + interval '31 days')
);
comment on table duties is 'who is on duty for a unit when; may overlap';
comment on column duties.series is 'what was laid out by one call';
comment on column duties.login is 'empty: every member of the team';
create index duties_unit on duties (unit, until);
create index duties_until on duties (until);
create index duties_series on duties (series);

-- Who has to be told of work for a unit is asked in the name of whoever sends the work there, who need not see the
-- unit's rosters: so the answer is given past their policies, and holds logins alone.
create function ioc_roster(of text, moment timestamptz) returns table (login text, how text, since timestamptz)
language sql stable security definer set search_path = public, pg_temp
as $$
  with named as (
    select coalesce(nullif(d.login, ''), m.login) as login, 'duty' as how, d.starts as since
    from duties d
    left join teams t on d.login = '' and t.unit = d.unit and t.code = d.team
    left join lateral unnest(t.members) m(login) on true
    where d.unit = of and d.starts <= moment and moment < d.until
    union all
    select m.login, 'team', null from teams t cross join lateral unnest(t.members) m(login) where t.unit = of
  )
  select n.login, n.how, min(n.since) from named n join accounts a on a.login = n.login
  where a.disabled_at is null group by n.login, n.how order by n.how, min(n.since), n.login
$$;
revoke all on function ioc_roster(text, timestamptz) from public;
grant execute on function ioc_roster(text, timestamptz) to ioc_app;

-- A version is added and read, never changed.
grant select, insert on ticket_policies to ioc_app;
grant select, insert, update, delete on teams, duties to ioc_app;

-- Row-level security, made by ioc/store/guards.py from the rule of ioc/access/scope.py.

alter table teams enable row level security;
create policy scope on teams using (
  coalesce(coalesce(centre = any ((select case when 'duty' <> all (string_to_array(coalesce(current_setting('ioc.kinds', true), ''), ',')) then '{}' when current_setting('ioc.scope', true) = '*' then null else string_to_array(coalesce(current_setting('ioc.scope', true), ''), ',') end)::text[]), true)
  and ((select current_setting('ioc.areas', true) = '*') or area in (select unnest(string_to_array(coalesce(current_setting('ioc.areas', true), ''), ',')))), false)
) with check (
  coalesce(coalesce(centre = any ((select case when 'duty' <> all (string_to_array(coalesce(current_setting('ioc.kinds', true), ''), ',')) then '{}' when current_setting('ioc.scope', true) = '*' then null else string_to_array(coalesce(current_setting('ioc.scope', true), ''), ',') end)::text[]), true)
  and ((select current_setting('ioc.areas', true) = '*') or area in (select unnest(string_to_array(coalesce(current_setting('ioc.areas', true), ''), ',')))), false)
);
create policy adds on teams as restrictive for insert with check ((select 'duty' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
create policy changes on teams as restrictive for update using ((select 'duty' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
create policy drops on teams as restrictive for delete using ((select 'duty' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
alter table duties enable row level security;
create policy scope on duties using (
  coalesce(coalesce(centre = any ((select case when 'duty' <> all (string_to_array(coalesce(current_setting('ioc.kinds', true), ''), ',')) then '{}' when current_setting('ioc.scope', true) = '*' then null else string_to_array(coalesce(current_setting('ioc.scope', true), ''), ',') end)::text[]), true)
  and ((select current_setting('ioc.areas', true) = '*') or area in (select unnest(string_to_array(coalesce(current_setting('ioc.areas', true), ''), ','))))
  and coalesce(until >= (select case coalesce(current_setting('ioc.past', true), '') when '' then 'infinity' when 'all' then '-infinity' else now() - current_setting('ioc.past', true)::interval end), true), false)
) with check (
  coalesce(coalesce(centre = any ((select case when 'duty' <> all (string_to_array(coalesce(current_setting('ioc.kinds', true), ''), ',')) then '{}' when current_setting('ioc.scope', true) = '*' then null else string_to_array(coalesce(current_setting('ioc.scope', true), ''), ',') end)::text[]), true)
  and ((select current_setting('ioc.areas', true) = '*') or area in (select unnest(string_to_array(coalesce(current_setting('ioc.areas', true), ''), ','))))
  and coalesce(until >= (select case coalesce(current_setting('ioc.past', true), '') when '' then 'infinity' when 'all' then '-infinity' else now() - current_setting('ioc.past', true)::interval end), true), false)
);
create policy adds on duties as restrictive for insert with check ((select 'duty' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
create policy changes on duties as restrictive for update using ((select 'duty' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
create policy drops on duties as restrictive for delete using ((select 'duty' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
alter table ticket_policies enable row level security;
create policy scope on ticket_policies using (
  coalesce((select 'ticket' = any (string_to_array(coalesce(current_setting('ioc.kinds', true), ''), ','))), false)
) with check (
  coalesce((select 'ticket' = any (string_to_array(coalesce(current_setting('ioc.kinds', true), ''), ','))), false)
);
create policy adds on ticket_policies as restrictive for insert with check ((select 'ticket' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
create policy changes on ticket_policies as restrictive for update using ((select 'ticket' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
create policy drops on ticket_policies as restrictive for delete using ((select 'ticket' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
