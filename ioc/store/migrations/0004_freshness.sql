-- Freshness of each stream, and alarms that the centre raises about its own sources.

-- A late value asks for the alarms of its key; an alarm that comes back for the incidents of its.
create index alarms_key on alarms (key, cleared_at);
create index incidents_key on incidents (key, updated_at);

alter table streams
  add column state text not null default 'lost' check (state in ('fresh', 'stale', 'lost')),
  add column state_since timestamptz;
comment on column streams.state is 'from the expected interval and from data that arrived; lost until first heard';

create table listening (
  since timestamptz primary key,
  until timestamptz not null
);
comment on table listening is 'when an intake took messages: silence counts only while it could have been broken';
grant select, insert, update, delete on listening to ioc_app;
