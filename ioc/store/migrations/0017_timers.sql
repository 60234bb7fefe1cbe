-- Timers of tickets: reminders and steps of escalation that are due at a moment.
create table ticket_timers (
  ticket uuid not null references tickets,
  kind text not null check (kind in ('escalation', 'reminder')),
  stage text not null check (stage in ('accept', 'due', 'resolved')),
  step text not null,
  generation integer not null,
  round integer not null,
  at timestamptz not null,
  fired_at timestamptz,
  primary key (ticket, kind, stage, step, generation, round)
);
comment on table ticket_timers is 'what is due for tickets, and what was done of it (ioc/tickets/escalation.py)';
comment on column ticket_timers.step is 'plan/place of a step, minutes before the deadline of a reminder, or nag';
comment on column ticket_timers.fired_at is 'when it was done, so that it is never done again; null: it waits';
create index ticket_timers_due on ticket_timers (at) where fired_at is null;

-- What the dispatcher looks at is what is open, however much is closed.
create index tickets_live on tickets (incident)
  where state in ('new', 'accepted', 'working', 'waiting', 'reopened', 'resolved', 'verified');
create index incidents_undone on incidents (id) where status in ('new', 'acknowledged', 'in_progress', 'reopened');

grant select, insert, update, delete on ticket_timers to ioc_app;

-- Row-level security, made by ioc/store/guards.py from the rule of ioc/access/scope.py.

alter table ticket_timers enable row level security;
create policy scope on ticket_timers using (
  exists (select from tickets t where t.id = ticket)
) with check (
  exists (select from tickets t where t.id = ticket)
);
create policy adds on ticket_timers as restrictive for insert with check ((select 'ticket' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
create policy changes on ticket_timers as restrictive for update using ((select 'ticket' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
create policy drops on ticket_timers as restrictive for delete using ((select 'ticket' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
