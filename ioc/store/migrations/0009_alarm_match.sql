-- What an alarm says, how it came to its incident, and what other systems call it.
alter table alarms
  add column title text not null default '',
  add column title_en text not null default '',
  add column match text not null default '' check (match in ('', 'opened', 'linked', 'number', 'manual', 'waiting',
                                                             'suppressed', 'silenced', 'history')),
  add column numbers text[] not null default '{}',
  add column error_m double precision not null default 0;
comment on column alarms.match is 'how it came to its incident, or why it has none of its own; see MATCHES in ioc/incidents/alarm.py';
comment on column alarms.numbers is 'what other systems call the event: <system>:<number>';
comment on column alarms.error_m is 'how far its place may be off, in metres';
update alarms set match = 'linked' where incident is not null;
create index alarms_numbers on alarms using gin (numbers) where numbers <> '{}';
