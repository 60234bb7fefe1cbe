-- Which alarms belong together: where each incident reaches, and what is related.
alter table incidents
  add column duplicate_of uuid references incidents,
  add column touched boolean not null default false,
  add column resolved_by text not null default '';
comment on column incidents.touched is 'whether a person did anything to it: correlation then takes none of its alarms away';
comment on column incidents.resolved_by is 'empty: nobody, system, or the login of a person';
update incidents set resolved_by = 'system' where status = 'resolved';
update incidents set touched = true where owner is not null;
drop index incidents_open;
alter table alarms alter constraint alarms_incident_fkey deferrable initially deferred;
create index incidents_duplicate on incidents (duplicate_of) where duplicate_of is not null;

create index alarms_waiting on alarms using gist (geom) where match = 'waiting';
create index alarms_held_back on alarms (incident) where match in ('suppressed', 'silenced') and cleared_at is null;

-- Kept of those incidents alone that can still take alarms, so that what is over costs nothing.
create table incident_reach (
  incident uuid primary key references incidents,
  first_at timestamptz not null,
  newest_at timestamptz not null,
  active_until timestamptz,
  over_at timestamptz
);
create index incident_reach_newest on incident_reach (newest_at);
comment on table incident_reach is 'when an incident was active, in event time, by the alarms that are its own';
comment on column incident_reach.newest_at is 'when the newest of its alarms was raised';
comment on column incident_reach.active_until is 'its last sign; null: a sensor or the centre itself says that a condition holds';
comment on column incident_reach.over_at is 'when nothing of it held any more; null: something does';

create table incident_cells (
  incident uuid not null references incidents,
  category text not null,
  source text not null,
  x integer not null,
  y integer not null,
  first_at timestamptz not null,
  geom geometry(Point, 4326) generated always as (
    st_setsrid(st_makepoint(x / 100000.0::double precision, y / 100000.0::double precision), 4326)) stored,
  primary key (incident, category, source, x, y)
);
comment on table incident_cells is 'the places of its alarms, in steps of 0.00001 degrees (a metre)';
comment on column incident_cells.source is 'empty of citizens and agencies, who do not speak twice from one place';
create index incident_cells_source on incident_cells (source, category);
create index incident_cells_geom on incident_cells using gist (geom);

create table incident_relations (
  incident uuid not null references incidents,
  other uuid not null references incidents,
  kind text not null check (kind in ('downstream', 'duplicate', 'previous', 'split')),
  at timestamptz not null,
  who text not null,
  primary key (incident, other, kind)
);
comment on table incident_relations is 'what the incident is to the other: downstream of it, a duplicate of it, previous to it, split off it';
create index incident_relations_other on incident_relations (other);

grant select, insert, update, delete on incident_reach, incident_cells, incident_relations to ioc_app;

insert into incident_cells (incident, category, source, x, y, first_at)
select a.incident, a.category, case when a.source_kind in ('citizen', 'agency') then '' else a.source end,
       round(st_x(a.geom) * 100000)::int, round(st_y(a.geom) * 100000)::int, min(a.raised_at)
from alarms a join incidents i on i.id = a.incident
where i.status in ('new', 'acknowledged', 'in_progress', 'reopened') group by 1, 2, 3, 4, 5;
insert into incident_reach (incident, first_at, newest_at, active_until, over_at)
select a.incident, min(a.raised_at), max(a.raised_at),
       case when not bool_or(a.cleared_at is null and a.source_kind <> 'camera') then max(a.seen_at) end,
       case when not bool_or(a.cleared_at is null and a.source_kind <> 'camera') then max(a.seen_at) end
from alarms a join incidents i on i.id = a.incident
where i.status in ('new', 'acknowledged', 'in_progress', 'reopened') group by 1;

-- Row-level security, made by ioc/store/guards.py from the rule of ioc/access/scope.py.

alter table incident_relations enable row level security;
create policy scope on incident_relations using (
  coalesce(exists (select from incidents i where i.id = incident)
  and exists (select from incidents i where i.id = other), false)
) with check (
  coalesce(exists (select from incidents i where i.id = incident)
  and exists (select from incidents i where i.id = other), false)
);
create policy adds on incident_relations as restrictive for insert with check ((select 'incident' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
create policy changes on incident_relations as restrictive for update using ((select 'incident' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
create policy drops on incident_relations as restrictive for delete using ((select 'incident' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
