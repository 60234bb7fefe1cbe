-- Row-level security, made by ioc/store/guards.py from the rule of ioc/access/scope.py.

alter table devices enable row level security;
create policy scope on devices using (
  coalesce(coalesce(centre = any ((select case when 'device' <> all (string_to_array(coalesce(current_setting('ioc.kinds', true), ''), ',')) then '{}' when current_setting('ioc.scope', true) = '*' then null else string_to_array(coalesce(current_setting('ioc.scope', true), ''), ',') end)::text[]), true)
  and ((select current_setting('ioc.areas', true) = '*') or area in (select unnest(string_to_array(coalesce(current_setting('ioc.areas', true), ''), ',')))), false)
) with check (
  coalesce(coalesce(centre = any ((select case when 'device' <> all (string_to_array(coalesce(current_setting('ioc.kinds', true), ''), ',')) then '{}' when current_setting('ioc.scope', true) = '*' then null else string_to_array(coalesce(current_setting('ioc.scope', true), ''), ',') end)::text[]), true)
  and ((select current_setting('ioc.areas', true) = '*') or area in (select unnest(string_to_array(coalesce(current_setting('ioc.areas', true), ''), ',')))), false)
);
create policy adds on devices as restrictive for insert with check ((select 'device' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
create policy changes on devices as restrictive for update using ((select 'device' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
create policy drops on devices as restrictive for delete using ((select 'device' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
alter table cameras enable row level security;
create policy scope on cameras using (
  coalesce(coalesce(centre = any ((select case when 'camera' <> all (string_to_array(coalesce(current_setting('ioc.kinds', true), ''), ',')) then '{}' when current_setting('ioc.scope', true) = '*' then null else string_to_array(coalesce(current_setting('ioc.scope', true), ''), ',') end)::text[]), true)
  and ((select current_setting('ioc.areas', true) = '*') or area in (select unnest(string_to_array(coalesce(current_setting('ioc.areas', true), ''), ','))))
  and coalesce(code = any ((select case when current_setting('ioc.cameras', true) = '*' then null else string_to_array(coalesce(current_setting('ioc.cameras', true), ''), ',') end)::text[]), true), false)
) with check (
  coalesce(coalesce(centre = any ((select case when 'camera' <> all (string_to_array(coalesce(current_setting('ioc.kinds', true), ''), ',')) then '{}' when current_setting('ioc.scope', true) = '*' then null else string_to_array(coalesce(current_setting('ioc.scope', true), ''), ',') end)::text[]), true)
  and ((select current_setting('ioc.areas', true) = '*') or area in (select unnest(string_to_array(coalesce(current_setting('ioc.areas', true), ''), ','))))
  and coalesce(code = any ((select case when current_setting('ioc.cameras', true) = '*' then null else string_to_array(coalesce(current_setting('ioc.cameras', true), ''), ',') end)::text[]), true), false)
);
create policy adds on cameras as restrictive for insert with check ((select 'camera' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
create policy changes on cameras as restrictive for update using ((select 'camera' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
create policy drops on cameras as restrictive for delete using ((select 'camera' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
alter table positions enable row level security;
create policy scope on positions using (
  coalesce(subject = any ((select string_to_array(coalesce(current_setting('ioc.kinds', true), ''), ','))::text[]) and coalesce(centre = any ((select case when current_setting('ioc.scope', true) = '*' then null else string_to_array(coalesce(current_setting('ioc.scope', true), ''), ',') end)::text[]), true)
  and ((select current_setting('ioc.areas', true) = '*') or area in (select unnest(string_to_array(coalesce(current_setting('ioc.areas', true), ''), ','))))
  and coalesce(case when subject = 'camera' then code end = any ((select case when current_setting('ioc.cameras', true) = '*' then null else string_to_array(coalesce(current_setting('ioc.cameras', true), ''), ',') end)::text[]), true), false)
) with check (
  coalesce(subject = any ((select string_to_array(coalesce(current_setting('ioc.kinds', true), ''), ','))::text[]) and coalesce(centre = any ((select case when current_setting('ioc.scope', true) = '*' then null else string_to_array(coalesce(current_setting('ioc.scope', true), ''), ',') end)::text[]), true)
  and ((select current_setting('ioc.areas', true) = '*') or area in (select unnest(string_to_array(coalesce(current_setting('ioc.areas', true), ''), ','))))
  and coalesce(case when subject = 'camera' then code end = any ((select case when current_setting('ioc.cameras', true) = '*' then null else string_to_array(coalesce(current_setting('ioc.cameras', true), ''), ',') end)::text[]), true), false)
);
create policy adds on positions as restrictive for insert with check (subject = any ((select string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))::text[]));
create policy changes on positions as restrictive for update using (subject = any ((select string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))::text[]));
create policy drops on positions as restrictive for delete using (subject = any ((select string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))::text[]));
alter table readings enable row level security;
create policy scope on readings using (
  coalesce(coalesce(centre = any ((select case when 'reading' <> all (string_to_array(coalesce(current_setting('ioc.kinds', true), ''), ',')) then '{}' when current_setting('ioc.scope', true) = '*' then null else string_to_array(coalesce(current_setting('ioc.scope', true), ''), ',') end)::text[]), true)
  and ((select current_setting('ioc.areas', true) = '*') or area in (select unnest(string_to_array(coalesce(current_setting('ioc.areas', true), ''), ','))))
  and coalesce(at >= (select case coalesce(current_setting('ioc.past', true), '') when '' then 'infinity' when 'all' then '-infinity' else now() - current_setting('ioc.past', true)::interval end), true), false)
) with check (
  coalesce(coalesce(centre = any ((select case when 'reading' <> all (string_to_array(coalesce(current_setting('ioc.kinds', true), ''), ',')) then '{}' when current_setting('ioc.scope', true) = '*' then null else string_to_array(coalesce(current_setting('ioc.scope', true), ''), ',') end)::text[]), true)
  and ((select current_setting('ioc.areas', true) = '*') or area in (select unnest(string_to_array(coalesce(current_setting('ioc.areas', true), ''), ','))))
  and coalesce(at >= (select case coalesce(current_setting('ioc.past', true), '') when '' then 'infinity' when 'all' then '-infinity' else now() - current_setting('ioc.past', true)::interval end), true), false)
);
create policy adds on readings as restrictive for insert with check ((select 'reading' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
create policy changes on readings as restrictive for update using ((select 'reading' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
create policy drops on readings as restrictive for delete using ((select 'reading' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
alter table latest enable row level security;
create policy scope on latest using (
  coalesce(coalesce(centre = any ((select case when 'reading' <> all (string_to_array(coalesce(current_setting('ioc.kinds', true), ''), ',')) then '{}' when current_setting('ioc.scope', true) = '*' then null else string_to_array(coalesce(current_setting('ioc.scope', true), ''), ',') end)::text[]), true)
  and ((select current_setting('ioc.areas', true) = '*') or area in (select unnest(string_to_array(coalesce(current_setting('ioc.areas', true), ''), ',')))), false)
) with check (
  coalesce(coalesce(centre = any ((select case when 'reading' <> all (string_to_array(coalesce(current_setting('ioc.kinds', true), ''), ',')) then '{}' when current_setting('ioc.scope', true) = '*' then null else string_to_array(coalesce(current_setting('ioc.scope', true), ''), ',') end)::text[]), true)
  and ((select current_setting('ioc.areas', true) = '*') or area in (select unnest(string_to_array(coalesce(current_setting('ioc.areas', true), ''), ',')))), false)
);
create policy adds on latest as restrictive for insert with check ((select 'reading' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
create policy changes on latest as restrictive for update using ((select 'reading' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
create policy drops on latest as restrictive for delete using ((select 'reading' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
alter table sightings enable row level security;
create policy scope on sightings using (
  coalesce(coalesce(centre = any ((select case when 'sighting' <> all (string_to_array(coalesce(current_setting('ioc.kinds', true), ''), ',')) then '{}' when current_setting('ioc.scope', true) = '*' then null else string_to_array(coalesce(current_setting('ioc.scope', true), ''), ',') end)::text[]), true)
  and ((select current_setting('ioc.areas', true) = '*') or area in (select unnest(string_to_array(coalesce(current_setting('ioc.areas', true), ''), ','))))
  and coalesce(camera = any ((select case when current_setting('ioc.cameras', true) = '*' then null else string_to_array(coalesce(current_setting('ioc.cameras', true), ''), ',') end)::text[]), true)
  and coalesce(at >= (select case coalesce(current_setting('ioc.past', true), '') when '' then 'infinity' when 'all' then '-infinity' else now() - current_setting('ioc.past', true)::interval end), true), false)
) with check (
  coalesce(coalesce(centre = any ((select case when 'sighting' <> all (string_to_array(coalesce(current_setting('ioc.kinds', true), ''), ',')) then '{}' when current_setting('ioc.scope', true) = '*' then null else string_to_array(coalesce(current_setting('ioc.scope', true), ''), ',') end)::text[]), true)
  and ((select current_setting('ioc.areas', true) = '*') or area in (select unnest(string_to_array(coalesce(current_setting('ioc.areas', true), ''), ','))))
  and coalesce(camera = any ((select case when current_setting('ioc.cameras', true) = '*' then null else string_to_array(coalesce(current_setting('ioc.cameras', true), ''), ',') end)::text[]), true)
  and coalesce(at >= (select case coalesce(current_setting('ioc.past', true), '') when '' then 'infinity' when 'all' then '-infinity' else now() - current_setting('ioc.past', true)::interval end), true), false)
);
create policy adds on sightings as restrictive for insert with check ((select 'sighting' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
create policy changes on sightings as restrictive for update using ((select 'sighting' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
create policy drops on sightings as restrictive for delete using ((select 'sighting' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
alter table media enable row level security;
create policy scope on media using (
  coalesce(coalesce(centre = any ((select case when 'media' <> all (string_to_array(coalesce(current_setting('ioc.kinds', true), ''), ',')) then '{}' when current_setting('ioc.scope', true) = '*' then null else string_to_array(coalesce(current_setting('ioc.scope', true), ''), ',') end)::text[]), true)
  and ((select current_setting('ioc.areas', true) = '*') or area in (select unnest(string_to_array(coalesce(current_setting('ioc.areas', true), ''), ','))))
  and coalesce(source = any ((select case when current_setting('ioc.cameras', true) = '*' then null else string_to_array(coalesce(current_setting('ioc.cameras', true), ''), ',') end)::text[]), true)
  and coalesce(taken_at >= (select case coalesce(current_setting('ioc.past', true), '') when '' then 'infinity' when 'all' then '-infinity' else now() - current_setting('ioc.past', true)::interval end), true), false)
) with check (
  coalesce(coalesce(centre = any ((select case when 'media' <> all (string_to_array(coalesce(current_setting('ioc.kinds', true), ''), ',')) then '{}' when current_setting('ioc.scope', true) = '*' then null else string_to_array(coalesce(current_setting('ioc.scope', true), ''), ',') end)::text[]), true)
  and ((select current_setting('ioc.areas', true) = '*') or area in (select unnest(string_to_array(coalesce(current_setting('ioc.areas', true), ''), ','))))
  and coalesce(source = any ((select case when current_setting('ioc.cameras', true) = '*' then null else string_to_array(coalesce(current_setting('ioc.cameras', true), ''), ',') end)::text[]), true)
  and coalesce(taken_at >= (select case coalesce(current_setting('ioc.past', true), '') when '' then 'infinity' when 'all' then '-infinity' else now() - current_setting('ioc.past', true)::interval end), true), false)
);
create policy adds on media as restrictive for insert with check ((select 'media' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
create policy changes on media as restrictive for update using ((select 'media' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
create policy drops on media as restrictive for delete using ((select 'media' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
alter table incidents enable row level security;
create policy scope on incidents using (
  coalesce(coalesce(centre = any ((select case when 'incident' <> all (string_to_array(coalesce(current_setting('ioc.kinds', true), ''), ',')) then '{}' when current_setting('ioc.scope', true) = '*' then null else string_to_array(coalesce(current_setting('ioc.scope', true), ''), ',') end)::text[]), true)
  and ((select current_setting('ioc.areas', true) = '*') or area in (select unnest(string_to_array(coalesce(current_setting('ioc.areas', true), ''), ','))))
  and coalesce(camera = any ((select case when current_setting('ioc.cameras', true) = '*' then null else string_to_array(coalesce(current_setting('ioc.cameras', true), ''), ',') end)::text[]), true)
  and coalesce(ended_at >= (select case coalesce(current_setting('ioc.past', true), '') when '' then 'infinity' when 'all' then '-infinity' else now() - current_setting('ioc.past', true)::interval end), true), false)
) with check (
  coalesce(coalesce(centre = any ((select case when 'incident' <> all (string_to_array(coalesce(current_setting('ioc.kinds', true), ''), ',')) then '{}' when current_setting('ioc.scope', true) = '*' then null else string_to_array(coalesce(current_setting('ioc.scope', true), ''), ',') end)::text[]), true)
  and ((select current_setting('ioc.areas', true) = '*') or area in (select unnest(string_to_array(coalesce(current_setting('ioc.areas', true), ''), ','))))
  and coalesce(camera = any ((select case when current_setting('ioc.cameras', true) = '*' then null else string_to_array(coalesce(current_setting('ioc.cameras', true), ''), ',') end)::text[]), true)
  and coalesce(ended_at >= (select case coalesce(current_setting('ioc.past', true), '') when '' then 'infinity' when 'all' then '-infinity' else now() - current_setting('ioc.past', true)::interval end), true), false)
);
create policy adds on incidents as restrictive for insert with check ((select 'incident' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
create policy changes on incidents as restrictive for update using ((select 'incident' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
create policy drops on incidents as restrictive for delete using ((select 'incident' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
alter table alarms enable row level security;
create policy scope on alarms using (
  coalesce(coalesce(centre = any ((select case when 'alarm' <> all (string_to_array(coalesce(current_setting('ioc.kinds', true), ''), ',')) then '{}' when current_setting('ioc.scope', true) = '*' then null else string_to_array(coalesce(current_setting('ioc.scope', true), ''), ',') end)::text[]), true)
  and ((select current_setting('ioc.areas', true) = '*') or area in (select unnest(string_to_array(coalesce(current_setting('ioc.areas', true), ''), ','))))
  and coalesce(camera = any ((select case when current_setting('ioc.cameras', true) = '*' then null else string_to_array(coalesce(current_setting('ioc.cameras', true), ''), ',') end)::text[]), true)
  and coalesce(cleared_at >= (select case coalesce(current_setting('ioc.past', true), '') when '' then 'infinity' when 'all' then '-infinity' else now() - current_setting('ioc.past', true)::interval end), true), false)
) with check (
  coalesce(coalesce(centre = any ((select case when 'alarm' <> all (string_to_array(coalesce(current_setting('ioc.kinds', true), ''), ',')) then '{}' when current_setting('ioc.scope', true) = '*' then null else string_to_array(coalesce(current_setting('ioc.scope', true), ''), ',') end)::text[]), true)
  and ((select current_setting('ioc.areas', true) = '*') or area in (select unnest(string_to_array(coalesce(current_setting('ioc.areas', true), ''), ','))))
  and coalesce(camera = any ((select case when current_setting('ioc.cameras', true) = '*' then null else string_to_array(coalesce(current_setting('ioc.cameras', true), ''), ',') end)::text[]), true)
  and coalesce(cleared_at >= (select case coalesce(current_setting('ioc.past', true), '') when '' then 'infinity' when 'all' then '-infinity' else now() - current_setting('ioc.past', true)::interval end), true), false)
);
create policy adds on alarms as restrictive for insert with check ((select 'alarm' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
create policy changes on alarms as restrictive for update using ((select 'alarm' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
create policy drops on alarms as restrictive for delete using ((select 'alarm' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
alter table dead_letters enable row level security;
create policy scope on dead_letters using (
  coalesce(coalesce(coalesce(centre, '') = any ((select case when 'dead_letter' <> all (string_to_array(coalesce(current_setting('ioc.kinds', true), ''), ',')) then '{}' when current_setting('ioc.scope', true) = '*' then null else string_to_array(coalesce(current_setting('ioc.scope', true), ''), ',') end)::text[]), true)
  and ((select current_setting('ioc.areas', true) = '*') or area in (select unnest(string_to_array(coalesce(current_setting('ioc.areas', true), ''), ','))))
  and coalesce(arrived_at >= (select case coalesce(current_setting('ioc.past', true), '') when '' then 'infinity' when 'all' then '-infinity' else now() - current_setting('ioc.past', true)::interval end), true), false)
) with check (
  coalesce(coalesce(coalesce(centre, '') = any ((select case when 'dead_letter' <> all (string_to_array(coalesce(current_setting('ioc.kinds', true), ''), ',')) then '{}' when current_setting('ioc.scope', true) = '*' then null else string_to_array(coalesce(current_setting('ioc.scope', true), ''), ',') end)::text[]), true)
  and ((select current_setting('ioc.areas', true) = '*') or area in (select unnest(string_to_array(coalesce(current_setting('ioc.areas', true), ''), ','))))
  and coalesce(arrived_at >= (select case coalesce(current_setting('ioc.past', true), '') when '' then 'infinity' when 'all' then '-infinity' else now() - current_setting('ioc.past', true)::interval end), true), false)
);
create policy adds on dead_letters as restrictive for insert with check ((select 'dead_letter' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
create policy changes on dead_letters as restrictive for update using ((select 'dead_letter' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
create policy drops on dead_letters as restrictive for delete using ((select 'dead_letter' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
alter table streams enable row level security;
create policy scope on streams using (
  coalesce(coalesce(centre = any ((select case when 'reading' <> all (string_to_array(coalesce(current_setting('ioc.kinds', true), ''), ',')) then '{}' when current_setting('ioc.scope', true) = '*' then null else string_to_array(coalesce(current_setting('ioc.scope', true), ''), ',') end)::text[]), true)
  and ((select current_setting('ioc.areas', true) = '*') or exists (select from devices d where d.code = device)), false)
) with check (
  coalesce(coalesce(centre = any ((select case when 'reading' <> all (string_to_array(coalesce(current_setting('ioc.kinds', true), ''), ',')) then '{}' when current_setting('ioc.scope', true) = '*' then null else string_to_array(coalesce(current_setting('ioc.scope', true), ''), ',') end)::text[]), true)
  and ((select current_setting('ioc.areas', true) = '*') or exists (select from devices d where d.code = device)), false)
);
create policy adds on streams as restrictive for insert with check ((select 'reading' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
create policy changes on streams as restrictive for update using ((select 'reading' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
create policy drops on streams as restrictive for delete using ((select 'reading' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
alter table incident_log enable row level security;
create policy scope on incident_log using (
  exists (select from incidents i where i.id = incident)
) with check (
  exists (select from incidents i where i.id = incident)
);
create policy adds on incident_log as restrictive for insert with check ((select 'incident' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
create policy changes on incident_log as restrictive for update using ((select 'incident' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
create policy drops on incident_log as restrictive for delete using ((select 'incident' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
alter table changes enable row level security;
create policy scope on changes using (
  coalesce(subject = any ((select string_to_array(coalesce(current_setting('ioc.kinds', true), ''), ','))::text[])
  and (coalesce(centre = any ((select case when current_setting('ioc.scope', true) = '*' then null else string_to_array(coalesce(current_setting('ioc.scope', true), ''), ',') end)::text[]), true) and ((select current_setting('ioc.areas', true) = '*') or area in (select unnest(string_to_array(coalesce(current_setting('ioc.areas', true), ''), ',')))) or centre_before is not null and coalesce(centre_before = any ((select case when current_setting('ioc.scope', true) = '*' then null else string_to_array(coalesce(current_setting('ioc.scope', true), ''), ',') end)::text[]), true) and ((select current_setting('ioc.areas', true) = '*') or area_before in (select unnest(string_to_array(coalesce(current_setting('ioc.areas', true), ''), ',')))))
  and coalesce(camera = any ((select case when current_setting('ioc.cameras', true) = '*' then null else string_to_array(coalesce(current_setting('ioc.cameras', true), ''), ',') end)::text[]), true), false)
) with check (
  coalesce(subject = any ((select string_to_array(coalesce(current_setting('ioc.kinds', true), ''), ','))::text[])
  and coalesce(centre = any ((select case when current_setting('ioc.scope', true) = '*' then null else string_to_array(coalesce(current_setting('ioc.scope', true), ''), ',') end)::text[]), true) and ((select current_setting('ioc.areas', true) = '*') or area in (select unnest(string_to_array(coalesce(current_setting('ioc.areas', true), ''), ','))))
  and coalesce(camera = any ((select case when current_setting('ioc.cameras', true) = '*' then null else string_to_array(coalesce(current_setting('ioc.cameras', true), ''), ',') end)::text[]), true), false)
);
create policy adds on changes as restrictive for insert with check (subject = any ((select string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))::text[]));
create policy changes on changes as restrictive for update using (subject = any ((select string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))::text[]));
create policy drops on changes as restrictive for delete using (subject = any ((select string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))::text[]));
