-- When devices and cameras were meant to work, when they did not, and when nobody could know: kept by PostgreSQL itself at
-- every change of a state or life cycle, whoever makes it, so that a month's figures need no log that is pruned.
create table workings (
  id bigint generated always as identity primary key,
  subject text not null check (subject in ('device', 'camera')),
  code text not null,
  centre text not null,
  area text not null,
  what text not null check (what in ('serving', 'failing', 'unknown')),
  state text not null default '',
  reason text not null default '',
  began timestamptz not null,
  ended timestamptz check (ended >= began)
);
comment on table workings is 'spans of time of a device or camera; those in which it worked are serving without failing and unknown';
comment on column workings.what is 'serving: its life cycle is active. failing: it gives nothing that can be used. unknown: nobody watched it';
comment on column workings.state is 'of a failing thing, its state when it began to fail';
comment on column workings.ended is 'null: it lasts';
create unique index workings_lasting on workings (subject, code, what) where ended is null;
create index workings_ended on workings (ended);
grant select on workings to ioc_app;

-- The state in which a device or camera fails. What only light does to a picture (dark, glare) needs no repair.
create function ioc_not_working(subject text, state text, reason text) returns text
language sql immutable
as $$ select case
  when subject = 'device' then case when state = 'lost' then 'failing' end
  when reason = 'nobody watches the cameras: their process is away' then 'unknown'
  when state in ('live', 'degraded', 'dark', 'glare') then null
  else 'failing' end $$;

create function ioc_workings() returns trigger
language plpgsql security definer set search_path = public, pg_temp
as $$
declare
  thing text := tg_argv[0];
  at timestamptz;
  why text := '';
  why_before text := '';
  now_is text;
  one text;
  wanted boolean;
  moved boolean := false;
  was text;
  serves_on boolean := false;
begin
  if thing = 'camera' then why := new.reason; end if;
  if tg_op = 'INSERT' then
    at := new.state_since;
  else
    moved := (old.centre, old.area) is distinct from (new.centre, new.area);
    serves_on := old.lifecycle = new.lifecycle and not moved;
    if thing = 'camera' then why_before := old.reason; end if;
    was := case when old.lifecycle = 'active' then ioc_not_working(thing, old.state, why_before) end;
    -- The last edit of the record is a moment of this change only where this change is one.
    at := case when (old.state, old.state_since) is distinct from (new.state, new.state_since) then new.state_since
               when old.updated_at is distinct from new.updated_at then coalesce(new.updated_at, statement_timestamp())
               else statement_timestamp() end;
  end if;
  now_is := case when new.lifecycle = 'active' then ioc_not_working(thing, new.state, why) end;
  foreach one in array array['serving', 'failing', 'unknown'] loop
    continue when serves_on and one is distinct from was and one is distinct from now_is;
    wanted := new.lifecycle = 'active' and (one = 'serving' or one is not distinct from now_is);
    if not wanted or moved then
      update workings set ended = greatest(at, began)
      where subject = thing and code = new.code and what = one and ended is null;
    end if;
    if wanted then
      insert into workings (subject, code, centre, area, what, state, reason, began)
      values (thing, new.code, new.centre, new.area, one,
              case when one = 'failing' then new.state else '' end, case when one = 'failing' then why else '' end, at)
      on conflict (subject, code, what) where ended is null do nothing;
    end if;
  end loop;
  return null;
end $$;

create trigger workings_begin after insert on devices for each row execute function ioc_workings('device');
create trigger workings_begin after insert on cameras for each row execute function ioc_workings('camera');
-- Most changes of a state are none of whether it works, and thousands come at once: they cost no call.
create trigger workings_change after update on devices for each row
when ((ioc_not_working('device', old.state, ''), old.lifecycle, old.centre, old.area)
      is distinct from (ioc_not_working('device', new.state, ''), new.lifecycle, new.centre, new.area))
execute function ioc_workings('device');
create trigger workings_change after update on cameras for each row
when ((ioc_not_working('camera', old.state, old.reason), old.lifecycle, old.centre, old.area)
      is distinct from (ioc_not_working('camera', new.state, new.reason), new.lifecycle, new.centre, new.area))
execute function ioc_workings('camera');

-- What is registered already has served since it first stood somewhere, and is as it is since then.
insert into workings (subject, code, centre, area, what, began)
select 'device', d.code, d.centre, d.area, 'serving',
  least(d.state_since, (select min(p.valid_from) from positions p where p.code = d.code and p.subject = 'device'))
from devices d where d.lifecycle = 'active'
union all
select 'camera', c.code, c.centre, c.area, 'serving',
  least(c.state_since, (select min(p.valid_from) from positions p where p.code = c.code and p.subject = 'camera'))
from cameras c where c.lifecycle = 'active';
insert into workings (subject, code, centre, area, what, state, began)
select 'device', code, centre, area, 'failing', state, state_since
from devices where lifecycle = 'active' and ioc_not_working('device', state, '') = 'failing';
insert into workings (subject, code, centre, area, what, state, reason, began)
select 'camera', code, centre, area, ioc_not_working('camera', state, reason), state, reason, state_since
from cameras where lifecycle = 'active' and ioc_not_working('camera', state, reason) is not null;

-- Row-level security, made by ioc/store/guards.py from the rule of ioc/access/scope.py.

alter table workings enable row level security;
create policy scope on workings using (
  coalesce(subject = any ((select string_to_array(coalesce(current_setting('ioc.kinds', true), ''), ','))::text[]) and coalesce(centre = any ((select case when current_setting('ioc.scope', true) = '*' then null else string_to_array(coalesce(current_setting('ioc.scope', true), ''), ',') end)::text[]), true)
  and ((select current_setting('ioc.areas', true) = '*') or area in (select unnest(string_to_array(coalesce(current_setting('ioc.areas', true), ''), ','))))
  and coalesce(case when subject = 'camera' then code end = any ((select case when current_setting('ioc.cameras', true) = '*' then null else string_to_array(coalesce(current_setting('ioc.cameras', true), ''), ',') end)::text[]), true), false)
) with check (
  coalesce(subject = any ((select string_to_array(coalesce(current_setting('ioc.kinds', true), ''), ','))::text[]) and coalesce(centre = any ((select case when current_setting('ioc.scope', true) = '*' then null else string_to_array(coalesce(current_setting('ioc.scope', true), ''), ',') end)::text[]), true)
  and ((select current_setting('ioc.areas', true) = '*') or area in (select unnest(string_to_array(coalesce(current_setting('ioc.areas', true), ''), ','))))
  and coalesce(case when subject = 'camera' then code end = any ((select case when current_setting('ioc.cameras', true) = '*' then null else string_to_array(coalesce(current_setting('ioc.cameras', true), ''), ',') end)::text[]), true), false)
);
create policy adds on workings as restrictive for insert with check (subject = any ((select string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))::text[]));
create policy changes on workings as restrictive for update using (subject = any ((select string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))::text[]));
create policy drops on workings as restrictive for delete using (subject = any ((select string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))::text[]));
