-- What people are told: notifications, the messages that carry them, each sending, and where people can be reached.
create table notifications (
  id bigint generated always as identity primary key,
  key text not null,
  recipient text not null check (recipient <> ''),
  topic text not null check (topic in ('ticket', 'escalation', 'reminder', 'incident', 'trouble')),
  thread text not null,
  severity text not null check (severity in ('minor', 'moderate', 'severe', 'extreme')),
  title text not null,
  title_en text not null,
  body text not null,
  body_en text not null,
  link text not null,
  ticket uuid,
  incident uuid,
  centre text not null,
  area text not null,
  at timestamptz not null,
  due_at timestamptz,
  read_at timestamptz,
  unique (key, recipient)
);
comment on table notifications is 'what each person is told, once a key (ioc/tell/notification.py); the page shows it at once';
comment on column notifications.recipient is 'a login, or @CODE: an endpoint';
comment on column notifications.thread is 'what may be told together: the group';
comment on column notifications.due_at is 'when the teller looks at it; null: a message carries it';
comment on column notifications.read_at is 'when the person read it in the page';
create index notifications_due on notifications (due_at, recipient) where due_at is not null;
create index notifications_waiting on notifications (recipient) where due_at is not null;
create index notifications_mine on notifications (recipient, id);
create index notifications_unread on notifications (recipient, id) where read_at is null;
create index notifications_ticket on notifications (ticket) where ticket is not null;
create index notifications_at on notifications (at);

create table told_threads (
  recipient text not null,
  thread text not null,
  told_at timestamptz not null,
  repeat_at timestamptz,
  notification bigint not null,
  primary key (recipient, thread)
);
comment on table told_threads is 'when a person was told last about one thing, and when again if it is still open';
comment on column told_threads.notification is 'the newest that was told: what is said again';
create index told_threads_repeat on told_threads (repeat_at) where repeat_at is not null;
create index told_threads_told on told_threads (told_at);

create table messages (
  id uuid primary key,
  recipient text not null,
  language text not null,
  severity text not null check (severity in ('minor', 'moderate', 'severe', 'extreme')),
  state text not null check (state in ('due', 'waiting', 'told', 'dead')),
  route jsonb not null,
  place smallint not null default 0,
  tries smallint not null default 0,
  taken_by text not null default '',
  channel text not null default '',
  due_at timestamptz,
  begun_at timestamptz,
  told_by text not null default '',
  reason text not null default '',
  round smallint not null default 1,
  repeats boolean not null default false,
  created_at timestamptz not null,
  ended_at timestamptz,
  constraint messages_ended check ((ended_at is not null) = (state in ('told', 'dead'))),
  constraint messages_due_at check ((due_at is not null) = (state in ('due', 'waiting'))),
  constraint messages_told_by check ((told_by <> '') = (state = 'told'))
);
comment on table messages is 'what one person is told at once, and how far that is (ioc/tell/order.py)';
comment on column messages.state is 'due: to be sent; waiting: for a receipt, or to be read in the page';
comment on column messages.route is 'channels and addresses in their order';
comment on column messages.place is 'which of the route it has come to';
comment on column messages.taken_by is 'the channel that took it last, so that it is no dead letter; empty: none did';
comment on column messages.channel is 'the channel of that place; empty: none is left';
comment on column messages.begun_at is 'when the sending began whose outcome is not written yet';
comment on column messages.round is 'how often people had it sent again, and one';
comment on column messages.repeats is 'it says again what was told before, because that is still open';
create index messages_due on messages (channel, due_at) where due_at is not null;
create index messages_waiting on messages (due_at) where state = 'waiting';
create index messages_begun on messages (id) where begun_at is not null;
create index messages_dead on messages (id) where state = 'dead';
create index messages_open on messages (recipient) where state in ('due', 'waiting');
create index messages_recipient on messages (recipient, id);

create table message_items (
  message uuid not null references messages on delete cascade,
  notification bigint not null references notifications on delete cascade,
  primary key (message, notification)
);
comment on table message_items is 'what a message tells';
create index message_items_notification on message_items (notification);

create table deliveries (
  id bigint generated always as identity primary key,
  message uuid not null references messages on delete cascade,
  round smallint not null,
  channel text not null,
  address text not null,
  begun_at timestamptz not null,
  ended_at timestamptz,
  outcome text not null default '' check (outcome in ('', 'told', 'accepted', 'again', 'refused', 'unknown')),
  reason text not null default '',
  reference text not null default '',
  token bytea not null,
  receipt text not null default '' check (receipt in ('', 'delivered', 'read', 'failed')),
  receipt_at timestamptz
);
comment on table deliveries is 'each sending of a message: when, by which channel, where to, and what became of it';
comment on column deliveries.outcome is 'empty: under way; unknown: we were stopped meanwhile, so it was sent again under the same id';
comment on column deliveries.token is 'SHA-256 of the word in the address under which its receipt is taken';
comment on column deliveries.receipt is 'what the receiver said later';
create index deliveries_message on deliveries (message, id);
create index deliveries_begun on deliveries (message) where outcome = '';
create unique index deliveries_token on deliveries (token);

create table contacts (
  login text primary key,
  channels jsonb not null,
  quiet_from time,
  quiet_until time,
  version integer not null,
  changed_by text not null,
  changed_at timestamptz not null,
  constraint contacts_quiet check ((quiet_from is null) = (quiet_until is null))
);
comment on table contacts is 'where a person can be reached, in the order in which it is tried, and when not';

grant select, insert, update, delete on notifications, told_threads, messages, message_items, deliveries, contacts
  to ioc_app;

-- Row-level security, made by ioc/store/guards.py from the rule of ioc/access/scope.py.

alter table notifications enable row level security;
create policy scope on notifications using (
  coalesce(coalesce(centre = any ((select case when 'message' <> all (string_to_array(coalesce(current_setting('ioc.kinds', true), ''), ',')) then '{}' when current_setting('ioc.scope', true) = '*' then null else string_to_array(coalesce(current_setting('ioc.scope', true), ''), ',') end)::text[]), true)
  and ((select current_setting('ioc.areas', true) = '*') or area in (select unnest(string_to_array(coalesce(current_setting('ioc.areas', true), ''), ','))))
  and coalesce(at >= (select case coalesce(current_setting('ioc.past', true), '') when '' then 'infinity' when 'all' then '-infinity' else now() - current_setting('ioc.past', true)::interval end), true), false)
) with check (
  coalesce(coalesce(centre = any ((select case when 'message' <> all (string_to_array(coalesce(current_setting('ioc.kinds', true), ''), ',')) then '{}' when current_setting('ioc.scope', true) = '*' then null else string_to_array(coalesce(current_setting('ioc.scope', true), ''), ',') end)::text[]), true)
  and ((select current_setting('ioc.areas', true) = '*') or area in (select unnest(string_to_array(coalesce(current_setting('ioc.areas', true), ''), ','))))
  and coalesce(at >= (select case coalesce(current_setting('ioc.past', true), '') when '' then 'infinity' when 'all' then '-infinity' else now() - current_setting('ioc.past', true)::interval end), true), false)
);
create policy adds on notifications as restrictive for insert with check ((select 'message' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
create policy changes on notifications as restrictive for update using ((select 'message' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
create policy drops on notifications as restrictive for delete using ((select 'message' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
alter table messages enable row level security;
create policy scope on messages using (
  coalesce((select current_setting('ioc.scope', true) = '*' and current_setting('ioc.areas', true) = '*' and current_setting('ioc.past', true) = 'all' and coalesce((select 'message' = any (string_to_array(coalesce(current_setting('ioc.kinds', true), ''), ','))), false)) or exists (select from message_items i join notifications n on n.id = i.notification where i.message = messages.id), false)
) with check (
  coalesce((select 'message' = any (string_to_array(coalesce(current_setting('ioc.kinds', true), ''), ','))), false)
);
create policy adds on messages as restrictive for insert with check ((select 'message' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
create policy changes on messages as restrictive for update using ((select 'message' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
create policy drops on messages as restrictive for delete using ((select 'message' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
alter table message_items enable row level security;
create policy scope on message_items using (
  exists (select from notifications n where n.id = notification)
) with check (
  exists (select from notifications n where n.id = notification)
);
create policy adds on message_items as restrictive for insert with check ((select 'message' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
create policy changes on message_items as restrictive for update using ((select 'message' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
create policy drops on message_items as restrictive for delete using ((select 'message' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
alter table deliveries enable row level security;
create policy scope on deliveries using (
  exists (select from messages m where m.id = message)
) with check (
  exists (select from messages m where m.id = message)
);
create policy adds on deliveries as restrictive for insert with check ((select 'message' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
create policy changes on deliveries as restrictive for update using ((select 'message' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
create policy drops on deliveries as restrictive for delete using ((select 'message' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
