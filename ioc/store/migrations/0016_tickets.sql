-- Tickets: what units have to do, their log, and how long each unit had them.
create sequence ticket_numbers as bigint;
comment on sequence ticket_numbers is 'what people say on the telephone; gaps say nothing';

create table tickets (
  id uuid primary key,
  number bigint not null unique,
  centre text not null,
  area text not null,
  camera text,
  version integer not null,
  incident uuid not null,
  parent uuid references tickets,
  unit text not null,
  sender text not null,
  area_code text not null,
  area_name text not null,
  title text not null,
  title_en text not null,
  task text not null,
  category text not null,
  severity text not null check (severity in ('minor', 'moderate', 'severe', 'extreme')),
  state text not null check (state in ('new', 'accepted', 'working', 'waiting', 'resolved', 'verified', 'closed',
                                       'reopened', 'cancelled')),
  owner text not null,
  team text not null,
  bounces integer not null,
  reopens integer not null,
  policy integer not null,
  generation integer not null,
  opened_at timestamptz not null,
  received_at timestamptz not null,
  updated_at timestamptz not null,
  accept_by timestamptz,
  due_at timestamptz,
  rest_s float8,
  accepted_at timestamptz,
  started_at timestamptz,
  waiting_since timestamptz,
  waiting_why text not null,
  resolved_at timestamptz,
  resolved_by text not null,
  result text not null,
  verified_at timestamptz,
  verified_by text not null,
  closed_at timestamptz,
  next_at timestamptz generated always as (
    case when state in ('new', 'reopened') then least(accept_by, due_at)
         when state in ('accepted', 'working', 'waiting') then due_at end) stored,
  geom geometry(Point, 4326) not null,
  geom3857 geometry(Point, 3857) generated always as (st_transform(geom, 3857)) stored,
  constraint tickets_ended check ((closed_at is not null) = (state in ('closed', 'cancelled'))),
  constraint tickets_resolved check (resolved_at is not null or state not in ('resolved', 'verified', 'closed')),
  constraint tickets_parent check (parent <> id)
);
comment on table tickets is 'what of an incident a unit has to do (ioc/tickets/ticket.py)';
comment on column tickets.incident is 'no foreign key: its lock on the incident would wait for the desk, which may wait for the change log';
comment on column tickets.centre is 'the centre of the unit that has it: it moves with the ticket';
comment on column tickets.camera is 'the one camera that saw the incident when the ticket was opened or moved to it';
comment on column tickets.next_at is 'the deadline that counts now; null: none does';

create unique index tickets_lead on tickets (incident, unit)
  where parent is null and state in ('new', 'accepted', 'working', 'waiting', 'reopened', 'resolved', 'verified');
create index tickets_incident on tickets (incident);
create index tickets_parent on tickets (parent) where parent is not null;
create index tickets_open on tickets (next_at, id)
  where state in ('new', 'accepted', 'working', 'waiting', 'reopened');
create index tickets_unit on tickets (unit, opened_at);
create index tickets_owner on tickets (owner)
  where state in ('new', 'accepted', 'working', 'waiting', 'reopened', 'resolved', 'verified') and owner <> '';
create index tickets_opened on tickets (opened_at);
create index tickets_geom on tickets using gist (geom);
create index tickets_geom3857_live on tickets using gist (geom3857)
  where state in ('new', 'accepted', 'working', 'waiting', 'reopened', 'resolved', 'verified');

create table ticket_log (
  id bigint generated always as identity primary key,
  ticket uuid not null references tickets,
  at timestamptz not null,
  version integer not null,
  who text not null,
  what text not null,
  text text not null,
  "to" text not null,
  unit text not null,
  state text not null,
  severity text not null,
  accept_by timestamptz,
  due_at timestamptz,
  from_unit text not null,
  made_at timestamptz,
  public boolean not null,
  photos uuid[] not null default '{}'
);
comment on table ticket_log is 'who did what with a ticket when, and how it stood after it; nothing is ever changed here';
comment on column ticket_log.version is 'the ticket''s version after it; a note leaves it as it was';
comment on column ticket_log.made_at is 'when it was done away from the network, by the clock of the person''s device';
comment on column ticket_log.photos is 'pictures, in media';
create index ticket_log_ticket on ticket_log (ticket, id);
create index ticket_log_public on ticket_log (id) where public;

create table ticket_stays (
  ticket uuid not null references tickets,
  stay integer not null,
  centre text not null,
  area text not null,
  unit text not null,
  category text not null,
  severity text not null,
  received_at timestamptz not null,
  accept_by timestamptz,
  due_at timestamptz,
  accepted_at timestamptz,
  left_at timestamptz,
  how text not null default '',
  primary key (ticket, stay)
);
comment on table ticket_stays is 'one row for each time that a unit had a ticket: from when, how long, how it ended';
comment on column ticket_stays.centre is 'of the unit that had it, so that it sees what it had';
comment on column ticket_stays.how is 'the word of the step that ended it: resolved, refused, forwarded, escalated, cancelled; empty: it goes on';
create unique index ticket_stays_now on ticket_stays (ticket) where left_at is null;
create index ticket_stays_unit on ticket_stays (unit, received_at);

grant select, insert, update, delete on tickets, ticket_log, ticket_stays to ioc_app;
grant usage, select on all sequences in schema public to ioc_app;

-- Row-level security, made by ioc/store/guards.py from the rule of ioc/access/scope.py.

alter table tickets enable row level security;
create policy scope on tickets using (
  coalesce(coalesce(centre = any ((select case when 'ticket' <> all (string_to_array(coalesce(current_setting('ioc.kinds', true), ''), ',')) then '{}' when current_setting('ioc.scope', true) = '*' then null else string_to_array(coalesce(current_setting('ioc.scope', true), ''), ',') end)::text[]), true)
  and ((select current_setting('ioc.areas', true) = '*') or area in (select unnest(string_to_array(coalesce(current_setting('ioc.areas', true), ''), ','))))
  and coalesce(camera = any ((select case when current_setting('ioc.cameras', true) = '*' then null else string_to_array(coalesce(current_setting('ioc.cameras', true), ''), ',') end)::text[]), true)
  and coalesce(closed_at >= (select case coalesce(current_setting('ioc.past', true), '') when '' then 'infinity' when 'all' then '-infinity' else now() - current_setting('ioc.past', true)::interval end), true), false)
) with check (
  coalesce(coalesce(centre = any ((select case when 'ticket' <> all (string_to_array(coalesce(current_setting('ioc.kinds', true), ''), ',')) then '{}' when current_setting('ioc.scope', true) = '*' then null else string_to_array(coalesce(current_setting('ioc.scope', true), ''), ',') end)::text[]), true)
  and ((select current_setting('ioc.areas', true) = '*') or area in (select unnest(string_to_array(coalesce(current_setting('ioc.areas', true), ''), ','))))
  and coalesce(camera = any ((select case when current_setting('ioc.cameras', true) = '*' then null else string_to_array(coalesce(current_setting('ioc.cameras', true), ''), ',') end)::text[]), true)
  and coalesce(closed_at >= (select case coalesce(current_setting('ioc.past', true), '') when '' then 'infinity' when 'all' then '-infinity' else now() - current_setting('ioc.past', true)::interval end), true), false)
);
create policy adds on tickets as restrictive for insert with check ((select 'ticket' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
create policy changes on tickets as restrictive for update using ((select 'ticket' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
create policy drops on tickets as restrictive for delete using ((select 'ticket' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
alter table ticket_stays enable row level security;
create policy scope on ticket_stays using (
  coalesce(coalesce(centre = any ((select case when 'ticket' <> all (string_to_array(coalesce(current_setting('ioc.kinds', true), ''), ',')) then '{}' when current_setting('ioc.scope', true) = '*' then null else string_to_array(coalesce(current_setting('ioc.scope', true), ''), ',') end)::text[]), true)
  and ((select current_setting('ioc.areas', true) = '*') or area in (select unnest(string_to_array(coalesce(current_setting('ioc.areas', true), ''), ','))))
  and coalesce(left_at >= (select case coalesce(current_setting('ioc.past', true), '') when '' then 'infinity' when 'all' then '-infinity' else now() - current_setting('ioc.past', true)::interval end), true), false)
) with check (
  coalesce(coalesce(centre = any ((select case when 'ticket' <> all (string_to_array(coalesce(current_setting('ioc.kinds', true), ''), ',')) then '{}' when current_setting('ioc.scope', true) = '*' then null else string_to_array(coalesce(current_setting('ioc.scope', true), ''), ',') end)::text[]), true)
  and ((select current_setting('ioc.areas', true) = '*') or area in (select unnest(string_to_array(coalesce(current_setting('ioc.areas', true), ''), ','))))
  and coalesce(left_at >= (select case coalesce(current_setting('ioc.past', true), '') when '' then 'infinity' when 'all' then '-infinity' else now() - current_setting('ioc.past', true)::interval end), true), false)
);
create policy adds on ticket_stays as restrictive for insert with check ((select 'ticket' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
create policy changes on ticket_stays as restrictive for update using ((select 'ticket' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
create policy drops on ticket_stays as restrictive for delete using ((select 'ticket' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
alter table ticket_log enable row level security;
create policy scope on ticket_log using (
  exists (select from tickets t where t.id = ticket)
) with check (
  exists (select from tickets t where t.id = ticket)
);
create policy adds on ticket_log as restrictive for insert with check ((select 'ticket' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
create policy changes on ticket_log as restrictive for update using ((select 'ticket' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
create policy drops on ticket_log as restrictive for delete using ((select 'ticket' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
