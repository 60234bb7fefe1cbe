-- Freshness of each stream, and alarms that the centre raises about its own sources.

-- A late value asks for the alarms of its key; an alarm for the incidents of its own. `updated_at` is left out of the
-- second, so that an incident can change without a new entry in each of its indexes.
create index alarms_key on alarms (key, cleared_at);
create index incidents_key on incidents (key);

alter table streams
  add column state text not null default 'lost' check (state in ('fresh', 'stale', 'lost')),
  add column state_since timestamptz,
  add column interval_s double precision;
comment on column streams.interval_s is 'seconds between two readings that are expected; null: not yet known';
create index streams_unknown on streams (id) where interval_s is null;
comment on column streams.state is 'from the expected interval and from data that arrived; lost until first heard';

-- Every stream, every few seconds: as its owner, because the policies of each row made it cost several times as much.
-- It touches nothing but the states, and says whose changed.
create function judge_streams(moment timestamptz, lost_after float8, stale_after float8) returns setof text
language sql security definer set search_path = public, pg_temp
as $$
  update streams s set state_since = moment, state =
    case when extract(epoch from moment - l.arrived_at) > s.interval_s * lost_after then 'lost'
         when extract(epoch from moment - l.arrived_at) > s.interval_s * stale_after then 'stale'
         else 'fresh' end
  from latest l
  where l.stream = s.id and s.interval_s is not null and s.state <>
    case when extract(epoch from moment - l.arrived_at) > s.interval_s * lost_after then 'lost'
         when extract(epoch from moment - l.arrived_at) > s.interval_s * stale_after then 'stale'
         else 'fresh' end
  returning s.device
$$;
revoke all on function judge_streams(timestamptz, float8, float8) from public;
grant execute on function judge_streams(timestamptz, float8, float8) to ioc_app;

create table listening (
  since timestamptz primary key,
  until timestamptz not null
);
comment on table listening is 'when an intake took messages: silence counts only while it could have been broken';
grant select, insert, update, delete on listening to ioc_app;
