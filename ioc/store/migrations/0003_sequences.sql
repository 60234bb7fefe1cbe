-- Which sequence numbers of each device are here: gaps and receipts.

create table sequences (
  device text not null,
  run text not null,
  centre text not null,
  epoch integer not null,
  base bigint not null,
  ranges jsonb not null,
  through bigint not null,
  newest_at timestamptz,
  arrived_at timestamptz not null,
  missing bigint not null,
  gap_at timestamptz,
  told boolean not null,
  primary key (device, run)
) with (fillfactor = 60);
comment on table sequences is 'the safe numbers of one run of one device (sensors/sequences.py)';
comment on column sequences.epoch is 'how often the device counted anew under this run';
comment on column sequences.base is 'the first number that people may miss';
comment on column sequences.ranges is '[first, last, time of first, time of last], the times the device''s own';
comment on column sequences.through is 'the greatest safe number';
comment on column sequences.missing is 'how many numbers people miss';
comment on column sequences.gap_at is 'when the newest missing number is past, by the device''s own time';
comment on column sequences.told is 'false: the receipt of this state may not have been published';

-- What a device sent again, from any intake to the one that writes receipts. Lost in a crash, and then sent again.
create unlogged table repeats (
  id bigint generated always as identity primary key,
  device text not null,
  run text not null,
  number bigint not null,
  at timestamptz not null
);

grant select, insert, update, delete on sequences, repeats to ioc_app;

alter table sequences enable row level security;
create policy scope on sequences using (
  coalesce(coalesce(centre = any ((select case when 'device' <> all (string_to_array(coalesce(current_setting('ioc.kinds', true), ''), ',')) then '{}' when current_setting('ioc.scope', true) = '*' then null else string_to_array(coalesce(current_setting('ioc.scope', true), ''), ',') end)::text[]), true)
  and ((select current_setting('ioc.areas', true) = '*') or exists (select from devices d where d.code = device)), false)
) with check (
  coalesce(coalesce(centre = any ((select case when 'device' <> all (string_to_array(coalesce(current_setting('ioc.kinds', true), ''), ',')) then '{}' when current_setting('ioc.scope', true) = '*' then null else string_to_array(coalesce(current_setting('ioc.scope', true), ''), ',') end)::text[]), true)
  and ((select current_setting('ioc.areas', true) = '*') or exists (select from devices d where d.code = device)), false)
);
create policy adds on sequences as restrictive for insert with check ((select 'device' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
create policy changes on sequences as restrictive for update using ((select 'device' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
create policy drops on sequences as restrictive for delete using ((select 'device' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
