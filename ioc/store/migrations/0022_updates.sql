-- What citizens' channels are told of their reports: each public step of the ticket once, in its order.
create table report_updates (
  place bigint generated always as identity primary key,
  id uuid not null unique,
  centre text not null,
  area text not null,
  report uuid not null references reports,
  ticket uuid not null,
  version integer not null,
  channel text not null,
  number text not null,
  step text not null,
  at timestamptz not null,
  expected_at timestamptz,
  unit text not null,
  state text not null check (state in ('offered', 'told', 'dead')),
  attempts integer not null default 0,
  next_at timestamptz not null,
  told_at timestamptz,
  reason text not null default '',
  unique (report, ticket, version)
);
comment on table report_updates is 'public steps of tickets, offered to the channel that the report came from';
comment on column report_updates.place is 'rises in the order of the commits, so that a channel that asks misses none';
comment on column report_updates.version is 'the version of the ticket that the step led to';
comment on column report_updates.number is 'what the channel calls the report';
comment on column report_updates.state is 'offered: to be fetched, and sent where the channel has an endpoint; dead: given up';
create index report_updates_offered on report_updates (next_at) where state = 'offered';
create index report_updates_report on report_updates (report, place);
create index report_updates_ticket on report_updates (ticket);

-- Reports that came to an incident which has its ticket already.
create index alarms_citizens on alarms (raised_at) where source_kind = 'citizen' and incident is not null;

grant select, insert, update, delete on report_updates to ioc_app;
grant usage, select on all sequences in schema public to ioc_app;

-- Row-level security, made by ioc/store/guards.py from the rule of ioc/access/scope.py.

alter table report_updates enable row level security;
create policy scope on report_updates using (
  coalesce(coalesce(centre = any ((select case when 'report' <> all (string_to_array(coalesce(current_setting('ioc.kinds', true), ''), ',')) then '{}' when current_setting('ioc.scope', true) = '*' then null else string_to_array(coalesce(current_setting('ioc.scope', true), ''), ',') end)::text[]), true)
  and ((select current_setting('ioc.areas', true) = '*') or area in (select unnest(string_to_array(coalesce(current_setting('ioc.areas', true), ''), ','))))
  and coalesce(at >= (select case coalesce(current_setting('ioc.past', true), '') when '' then 'infinity' when 'all' then '-infinity' else now() - current_setting('ioc.past', true)::interval end), true), false)
) with check (
  coalesce(coalesce(centre = any ((select case when 'report' <> all (string_to_array(coalesce(current_setting('ioc.kinds', true), ''), ',')) then '{}' when current_setting('ioc.scope', true) = '*' then null else string_to_array(coalesce(current_setting('ioc.scope', true), ''), ',') end)::text[]), true)
  and ((select current_setting('ioc.areas', true) = '*') or area in (select unnest(string_to_array(coalesce(current_setting('ioc.areas', true), ''), ','))))
  and coalesce(at >= (select case coalesce(current_setting('ioc.past', true), '') when '' then 'infinity' when 'all' then '-infinity' else now() - current_setting('ioc.past', true)::interval end), true), false)
);
create policy adds on report_updates as restrictive for insert with check ((select 'report' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
create policy changes on report_updates as restrictive for update using ((select 'report' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
create policy drops on report_updates as restrictive for delete using ((select 'report' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
