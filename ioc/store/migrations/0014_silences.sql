-- Silences, and what each hid.
create table silences (
  id uuid primary key,
  centre text not null,
  area text not null,
  version integer not null default 1,
  author text not null,
  reason text not null check (reason ~ '\S'),
  sources text[] not null default '{}',
  rules text[] not null default '{}',
  categories text[] not null default '{}',
  areas text[] not null default '{}',
  reach text[] not null default '{}',
  centres text[] not null default '{}',
  worst text not null check (worst in ('minor', 'moderate', 'severe', 'extreme')),
  starts timestamptz not null,
  until timestamptz not null,
  recurs jsonb,
  created_at timestamptz not null,
  ended_at timestamptz,
  ended_by text not null default '',
  constraint silences_name_something
    check (sources <> '{}' or rules <> '{}' or categories <> '{}' or areas <> '{}' or centres <> '{}'),
  constraint silences_end
    check (until > starts and until <= starts + case when recurs is null then interval '30 days' else interval '366 days' end),
  constraint silences_ended check ((ended_at is null) = (ended_by = ''))
);
comment on table silences is 'what people mute, why, and until when (ioc/incidents/silence.py)';
comment on column silences.centre is 'the one centre in which it mutes; empty: several, or all';
comment on column silences.area is 'the one area in which it mutes; empty: several, or all of the centre';
comment on column silences.reach is 'areas, with all that lies within each; made by PostgreSQL itself';
comment on column silences.worst is 'the worst severity that it hides';
comment on column silences.recurs is 'the windows of a series, in local time; null: it is not interrupted';
create index silences_ends on silences (least(until, ended_at));

create function ioc_spell_out_reach() returns trigger
language plpgsql
as $$
begin
  new.reach = case when new.areas = '{}' then '{}' else new.areas || ioc_subtree(new.areas) end;
  return new;
end $$;
create trigger spell_out_reach before insert or update of areas on silences
  for each row execute function ioc_spell_out_reach();

create table silenced (
  id bigint generated always as identity unique,
  silence uuid not null references silences,
  alarm uuid not null,
  at timestamptz not null,
  severity text not null check (severity in ('minor', 'moderate', 'severe', 'extreme')),
  released_at timestamptz,
  primary key (silence, alarm)
);
comment on table silenced is 'the alarms that each silence hid';
comment on column silenced.severity is 'the worst that it had while it was hidden';
comment on column silenced.released_at is 'when the silence hid it no longer; null: it hides it, or it was over before';
create index silenced_alarm on silenced (alarm);

-- Alarms that are hidden and hold: looked at whenever a silence may be over.
create index alarms_silenced on alarms (id) where match = 'silenced' and cleared_at is null;

-- Silences are told on the live stream; rules and what is reported may be, too.
alter table changes drop constraint if exists changes_subject_check;
alter table changes add constraint changes_subject_check check (subject in (
  'incident', 'alarm', 'ticket', 'device', 'camera', 'link', 'silence', 'rule', 'report'));

grant select, insert, update, delete on silences, silenced to ioc_app;
grant usage, select on all sequences in schema public to ioc_app;

-- Row-level security, made by ioc/store/guards.py from the rule of ioc/access/scope.py.

alter table silences enable row level security;
create policy scope on silences using (
  coalesce(coalesce(centre = any ((select case when 'silence' <> all (string_to_array(coalesce(current_setting('ioc.kinds', true), ''), ',')) then '{}' when current_setting('ioc.scope', true) = '*' then null else string_to_array(coalesce(current_setting('ioc.scope', true), ''), ',') end)::text[]), true)
  and ((select current_setting('ioc.areas', true) = '*') or area in (select unnest(string_to_array(coalesce(current_setting('ioc.areas', true), ''), ','))))
  and coalesce(least(until, ended_at) >= (select case coalesce(current_setting('ioc.past', true), '') when '' then 'infinity' when 'all' then '-infinity' else now() - current_setting('ioc.past', true)::interval end), true), false)
) with check (
  coalesce(coalesce(centre = any ((select case when 'silence' <> all (string_to_array(coalesce(current_setting('ioc.kinds', true), ''), ',')) then '{}' when current_setting('ioc.scope', true) = '*' then null else string_to_array(coalesce(current_setting('ioc.scope', true), ''), ',') end)::text[]), true)
  and ((select current_setting('ioc.areas', true) = '*') or area in (select unnest(string_to_array(coalesce(current_setting('ioc.areas', true), ''), ','))))
  and coalesce(least(until, ended_at) >= (select case coalesce(current_setting('ioc.past', true), '') when '' then 'infinity' when 'all' then '-infinity' else now() - current_setting('ioc.past', true)::interval end), true), false)
);
create policy adds on silences as restrictive for insert with check ((select 'silence' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
create policy changes on silences as restrictive for update using ((select 'silence' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
create policy drops on silences as restrictive for delete using ((select 'silence' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));

alter table silenced enable row level security;
create policy scope on silenced using (
  exists (select from silences s where s.id = silence)
) with check (
  exists (select from silences s where s.id = silence)
);
create policy adds on silenced as restrictive for insert with check ((select 'silence' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
create policy changes on silenced as restrictive for update using ((select 'silence' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
create policy drops on silenced as restrictive for delete using ((select 'silence' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
