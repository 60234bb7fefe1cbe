-- The life of an incident: who saw it, its procedure, comments with photos, merges and splits and their undo.
alter table incidents
  add column judged text not null default '' check (judged in ('', 'minor', 'moderate', 'severe', 'extreme')),
  add column judged_over text not null default '',
  add column titled boolean not null default false;
comment on column incidents.judged is 'the severity that a person gave it; empty: that of its alarms';
comment on column incidents.judged_over is 'the worst alarm that held then; one that is worse ends what the person said';
comment on column incidents.titled is 'a person gave it its title';
create index incidents_ended on incidents (ended_at) where ended_at is not null;

alter table incident_log add column photos uuid[] not null default '{}';
comment on column incident_log.photos is 'pictures of a comment, in media';

create table incident_seen (
  incident uuid not null references incidents,
  who text not null,
  first_at timestamptz not null,
  last_at timestamptz not null,
  version integer not null,
  primary key (incident, who)
);
comment on table incident_seen is 'who had an incident before their eyes, and which version last';

create table incident_checklist (
  incident uuid primary key references incidents,
  items jsonb not null
);
comment on table incident_checklist is 'the procedure that an incident works on: a copy, from the first change on';

create table incident_moves (
  id bigint generated always as identity primary key,
  source uuid not null references incidents,
  target uuid not null references incidents,
  move jsonb not null,
  through bigint not null,
  undone_at timestamptz
);
comment on table incident_moves is 'merges, duplicates and splits, with what is needed to undo the last one';
comment on column incident_moves.through is 'the newest line of either log that belongs to it: a later one of a person bars its undo';
create index incident_moves_source on incident_moves (source, id);
create index incident_moves_target on incident_moves (target, id);

create table moved_alarms (
  move bigint not null references incident_moves,
  alarm uuid not null,
  match text not null,
  primary key (move, alarm)
);
comment on column moved_alarms.match is 'how the alarm had come to the incident that it left';

create table checklists (
  category text primary key,
  version integer not null,
  items jsonb not null,
  changed_by text not null,
  changed_at timestamptz not null
);
comment on table checklists is 'procedures that people changed; all others are those of ioc/data/checklists.toml';

grant select, insert, update, delete on incident_seen, incident_checklist, incident_moves, moved_alarms, checklists
  to ioc_app;

-- Row-level security, made by ioc/store/guards.py from the rule of ioc/access/scope.py.

alter table incident_seen enable row level security;
create policy scope on incident_seen using (
  exists (select from incidents i where i.id = incident)
) with check (
  exists (select from incidents i where i.id = incident)
);
create policy adds on incident_seen as restrictive for insert with check ((select 'incident' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
create policy changes on incident_seen as restrictive for update using ((select 'incident' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
create policy drops on incident_seen as restrictive for delete using ((select 'incident' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
alter table incident_checklist enable row level security;
create policy scope on incident_checklist using (
  exists (select from incidents i where i.id = incident)
) with check (
  exists (select from incidents i where i.id = incident)
);
create policy adds on incident_checklist as restrictive for insert with check ((select 'incident' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
create policy changes on incident_checklist as restrictive for update using ((select 'incident' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
create policy drops on incident_checklist as restrictive for delete using ((select 'incident' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
alter table incident_moves enable row level security;
create policy scope on incident_moves using (
  coalesce(exists (select from incidents i where i.id = source)
  and exists (select from incidents i where i.id = target), false)
) with check (
  coalesce(exists (select from incidents i where i.id = source)
  and exists (select from incidents i where i.id = target), false)
);
create policy adds on incident_moves as restrictive for insert with check ((select 'incident' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
create policy changes on incident_moves as restrictive for update using ((select 'incident' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
create policy drops on incident_moves as restrictive for delete using ((select 'incident' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
alter table moved_alarms enable row level security;
create policy scope on moved_alarms using (
  exists (select from incident_moves m where m.id = moved_alarms.move)
) with check (
  exists (select from incident_moves m where m.id = moved_alarms.move)
);
create policy adds on moved_alarms as restrictive for insert with check ((select 'incident' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
create policy changes on moved_alarms as restrictive for update using ((select 'incident' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
create policy drops on moved_alarms as restrictive for delete using ((select 'incident' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
