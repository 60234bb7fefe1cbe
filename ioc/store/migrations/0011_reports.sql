-- What citizens and agencies say.
create table reports (
  id uuid primary key,
  centre text not null,
  area text not null,
  channel text not null,
  number text not null,
  at timestamptz not null,
  arrived_at timestamptz not null,
  category text not null,
  severity text not null check (severity in ('minor', 'moderate', 'severe', 'extreme')),
  text text not null,
  place text not null,
  error_m double precision not null,
  photos uuid[] not null,
  numbers text[] not null,
  entered_by text not null,
  withdrawn_at timestamptz,
  withdrawn_by text not null default '',
  withdrawn_why text not null default '',
  geom geometry(point, 4326) not null,
  unique (channel, number)
);
comment on table reports is 'what citizens tell, each under the number of its channel';
comment on column reports.area is 'the smallest unit that held the place on the local day';
comment on column reports.entered_by is 'the login under which it was entered';
create index reports_centre on reports (centre, id);

create table reporters (
  report uuid primary key references reports on delete cascade,
  centre text not null,
  area text not null,
  at timestamptz not null,
  name text not null,
  phone text not null
);
comment on table reporters is 'personal data, apart from the report: for those who may step on reports';
create index reporters_at on reporters (at);

create table notices (
  id uuid primary key,
  centre text not null,
  area text not null,
  sender text not null,
  identifier text not null,
  sent timestamptz not null,
  arrived_at timestamptz not null,
  feed text not null,
  entered_by text not null,
  status text not null check (status in ('actual', 'exercise', 'system', 'test', 'draft')),
  kind text not null check (kind in ('alert', 'update', 'cancel', 'ack', 'error')),
  thread uuid not null,
  refers text[] not null,
  refers_sent timestamptz[] not null,
  refers_sender text[] not null,
  category text not null,
  event text not null,
  severity text not null,
  urgency text not null,
  certainty text not null,
  headline text not null,
  headline_en text not null,
  description text not null,
  instruction text not null,
  place text not null,
  error_m double precision not null,
  onset timestamptz,
  expires timestamptz,
  over boolean not null,
  numbers text[] not null,
  geom geometry(point, 4326),
  shape geometry(geometry, 4326),
  unique (sender, identifier, sent)
);
comment on table notices is 'what agencies tell, each once, under the names of CAP 1.2';
comment on column notices.thread is 'those that update and cancel each other have one';
comment on column notices.refers is 'the identifiers of the notices that it updates or cancels; times and senders beside it';
comment on column notices.geom is 'a point within its area here; null: it concerns no place here';
create index notices_thread on notices (thread);
create index notices_identifier on notices (identifier);
create index notices_refers on notices using gin (refers);
create index notices_centre on notices (centre, id);

create index alarms_told on alarms (key) where source_kind in ('citizen', 'agency');
create index alarms_notice on alarms ((evidence ->> 'notice')) where source_kind = 'agency';

grant select, insert, update, delete on reports, reporters, notices to ioc_app;

-- Row-level security, made by ioc/store/guards.py from the rule of ioc/access/scope.py.

alter table reports enable row level security;
create policy scope on reports using (
  coalesce(coalesce(centre = any ((select case when 'report' <> all (string_to_array(coalesce(current_setting('ioc.kinds', true), ''), ',')) then '{}' when current_setting('ioc.scope', true) = '*' then null else string_to_array(coalesce(current_setting('ioc.scope', true), ''), ',') end)::text[]), true)
  and ((select current_setting('ioc.areas', true) = '*') or area in (select unnest(string_to_array(coalesce(current_setting('ioc.areas', true), ''), ','))))
  and coalesce(at >= (select case coalesce(current_setting('ioc.past', true), '') when '' then 'infinity' when 'all' then '-infinity' else now() - current_setting('ioc.past', true)::interval end), true), false)
) with check (
  coalesce(coalesce(centre = any ((select case when 'report' <> all (string_to_array(coalesce(current_setting('ioc.kinds', true), ''), ',')) then '{}' when current_setting('ioc.scope', true) = '*' then null else string_to_array(coalesce(current_setting('ioc.scope', true), ''), ',') end)::text[]), true)
  and ((select current_setting('ioc.areas', true) = '*') or area in (select unnest(string_to_array(coalesce(current_setting('ioc.areas', true), ''), ','))))
  and coalesce(at >= (select case coalesce(current_setting('ioc.past', true), '') when '' then 'infinity' when 'all' then '-infinity' else now() - current_setting('ioc.past', true)::interval end), true), false)
);
create policy adds on reports as restrictive for insert with check ((select 'report' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
create policy changes on reports as restrictive for update using ((select 'report' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
create policy drops on reports as restrictive for delete using ((select 'report' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
alter table reporters enable row level security;
create policy scope on reporters using (
  coalesce(coalesce(centre = any ((select case when 'report' <> all (string_to_array(coalesce(current_setting('ioc.kinds', true), ''), ',')) then '{}' when current_setting('ioc.scope', true) = '*' then null else string_to_array(coalesce(current_setting('ioc.scope', true), ''), ',') end)::text[]), true)
  and ((select current_setting('ioc.areas', true) = '*') or area in (select unnest(string_to_array(coalesce(current_setting('ioc.areas', true), ''), ','))))
  and coalesce(at >= (select case coalesce(current_setting('ioc.past', true), '') when '' then 'infinity' when 'all' then '-infinity' else now() - current_setting('ioc.past', true)::interval end), true), false)
) with check (
  coalesce(coalesce(centre = any ((select case when 'report' <> all (string_to_array(coalesce(current_setting('ioc.kinds', true), ''), ',')) then '{}' when current_setting('ioc.scope', true) = '*' then null else string_to_array(coalesce(current_setting('ioc.scope', true), ''), ',') end)::text[]), true)
  and ((select current_setting('ioc.areas', true) = '*') or area in (select unnest(string_to_array(coalesce(current_setting('ioc.areas', true), ''), ','))))
  and coalesce(at >= (select case coalesce(current_setting('ioc.past', true), '') when '' then 'infinity' when 'all' then '-infinity' else now() - current_setting('ioc.past', true)::interval end), true), false)
);
create policy adds on reporters as restrictive for insert with check ((select 'report' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
create policy changes on reporters as restrictive for update using ((select 'report' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
create policy drops on reporters as restrictive for delete using ((select 'report' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
alter table notices enable row level security;
create policy scope on notices using (
  coalesce(coalesce(centre = any ((select case when 'report' <> all (string_to_array(coalesce(current_setting('ioc.kinds', true), ''), ',')) then '{}' when current_setting('ioc.scope', true) = '*' then null else string_to_array(coalesce(current_setting('ioc.scope', true), ''), ',') end)::text[]), true)
  and ((select current_setting('ioc.areas', true) = '*') or area in (select unnest(string_to_array(coalesce(current_setting('ioc.areas', true), ''), ','))))
  and coalesce(expires >= (select case coalesce(current_setting('ioc.past', true), '') when '' then 'infinity' when 'all' then '-infinity' else now() - current_setting('ioc.past', true)::interval end), true), false)
) with check (
  coalesce(coalesce(centre = any ((select case when 'report' <> all (string_to_array(coalesce(current_setting('ioc.kinds', true), ''), ',')) then '{}' when current_setting('ioc.scope', true) = '*' then null else string_to_array(coalesce(current_setting('ioc.scope', true), ''), ',') end)::text[]), true)
  and ((select current_setting('ioc.areas', true) = '*') or area in (select unnest(string_to_array(coalesce(current_setting('ioc.areas', true), ''), ','))))
  and coalesce(expires >= (select case coalesce(current_setting('ioc.past', true), '') when '' then 'infinity' when 'all' then '-infinity' else now() - current_setting('ioc.past', true)::interval end), true), false)
);
create policy adds on notices as restrictive for insert with check ((select 'report' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
create policy changes on notices as restrictive for update using ((select 'report' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
create policy drops on notices as restrictive for delete using ((select 'report' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
create policy reads on reporters as restrictive for select using ((select 'report' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
