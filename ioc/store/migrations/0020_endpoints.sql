-- Endpoints of units and of citizens' channels, and subscriptions of web push.
create table endpoints (
  code text primary key check (code ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
  kind text not null check (kind in ('webhook', 'mail', 'gateway', 'channel')),
  centre text not null,
  area text not null default '',
  unit text not null default '',
  name text not null check (name ~ '\S'),
  address text not null,
  template jsonb,
  secret text not null default '',
  old_secret text not null default '',
  old_until timestamptz,
  enabled boolean not null default true,
  version integer not null default 1,
  changed_at timestamptz not null,
  changed_by text not null,
  constraint endpoints_template check ((kind = 'gateway') = (template is not null)),
  constraint endpoints_old check ((old_secret = '') = (old_until is null))
);
comment on table endpoints is 'where units and citizens'' channels are told (ioc/tell/endpoint.py)';
comment on column endpoints.area is 'always empty: who is bound to areas manages none';
comment on column endpoints.unit is 'whose it is; empty: nobody''s, such as the gateway for people''s own numbers';
comment on column endpoints.address is 'an address, a mailbox or a telephone number, as the kind has it';
comment on column endpoints.secret is 'signs webhooks, or goes into a gateway''s request; never told to anybody';
comment on column endpoints.old_until is 'until when requests are signed by the secret before, too';
create index endpoints_unit on endpoints (unit) where unit <> '';

create table push_subscriptions (
  digest bytea primary key,
  account uuid not null references accounts on delete cascade,
  endpoint text not null,
  p256dh text not null,
  auth text not null,
  agent text not null,
  created_at timestamptz not null
);
comment on table push_subscriptions is 'browsers that take messages by web push, and whose they are';
comment on column push_subscriptions.digest is 'SHA-256 of endpoint: a browser belongs to who subscribed last';
create index push_subscriptions_account on push_subscriptions (account, created_at);

grant select, insert, update, delete on endpoints, push_subscriptions to ioc_app;

-- Row-level security, made by ioc/store/guards.py from the rule of ioc/access/scope.py.

alter table endpoints enable row level security;
create policy scope on endpoints using (
  coalesce(coalesce(centre = any ((select case when 'message' <> all (string_to_array(coalesce(current_setting('ioc.kinds', true), ''), ',')) then '{}' when current_setting('ioc.scope', true) = '*' then null else string_to_array(coalesce(current_setting('ioc.scope', true), ''), ',') end)::text[]), true)
  and ((select current_setting('ioc.areas', true) = '*') or area in (select unnest(string_to_array(coalesce(current_setting('ioc.areas', true), ''), ',')))), false)
) with check (
  coalesce(coalesce(centre = any ((select case when 'message' <> all (string_to_array(coalesce(current_setting('ioc.kinds', true), ''), ',')) then '{}' when current_setting('ioc.scope', true) = '*' then null else string_to_array(coalesce(current_setting('ioc.scope', true), ''), ',') end)::text[]), true)
  and ((select current_setting('ioc.areas', true) = '*') or area in (select unnest(string_to_array(coalesce(current_setting('ioc.areas', true), ''), ',')))), false)
);
create policy adds on endpoints as restrictive for insert with check ((select 'message' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
create policy changes on endpoints as restrictive for update using ((select 'message' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
create policy drops on endpoints as restrictive for delete using ((select 'message' = any (string_to_array(coalesce(current_setting('ioc.writes', true), ''), ','))));
