-- The audit trail. Rows come with the deed; the seal comes within a second, from one sealer (ioc/sealer.py).
-- The service may add rows and read them; the seal columns are set once, by seal_audit alone.
create table audit (
  id bigint generated always as identity primary key,
  at timestamptz not null,
  who text not null,
  act text not null,
  kind text not null,
  thing text not null,
  centre text,
  area text,
  address text not null,
  outcome text not null check (outcome in ('done', 'refused', 'failed')),
  before jsonb,
  after jsonb,
  text text not null,
  seq bigint unique check (seq > 0),
  previous bytea check (length(previous) = 32),
  hash bytea check (length(hash) = 32),
  sealed_at timestamptz,
  check (num_nulls(seq, previous, hash, sealed_at) in (0, 4))
);
comment on column audit.seq is 'place in the chain: 1, 2, 3 … without a gap; null until sealed';
create index audit_unsealed on audit (id) where seq is null;
create index audit_at on audit (at);
create index audit_who on audit (who, id);
create index audit_act on audit (act, id);
create index audit_thing on audit (thing, id);

create table audit_head (
  one boolean primary key default true check (one),
  seq bigint not null,
  hash bytea not null,
  sealed_at timestamptz not null
);
comment on table audit_head is 'the newest link of the chain, so that its removal is seen';
insert into audit_head (seq, hash, sealed_at) values (0, decode(repeat('00', 32), 'hex'), now());

-- Binds the owner too: whoever would change history must first take the guard away.
create function guard_audit() returns trigger
language plpgsql
as $$
begin
  if tg_op = 'UPDATE' and old.seq is null and new.seq is not null
     and (to_jsonb(old) - array['seq', 'previous', 'hash', 'sealed_at'])
       = (to_jsonb(new) - array['seq', 'previous', 'hash', 'sealed_at']) then
    return new;
  end if;
  raise exception 'the audit trail is never changed' using errcode = 'insufficient_privilege';
end $$;
create trigger guard before update or delete on audit for each row execute function guard_audit();
create trigger guard_all before truncate on audit for each statement execute function guard_audit();

create function wake_audit() returns trigger
language plpgsql
as $$ begin perform pg_notify('ioc_audit', ''); return null; end $$;
create trigger wake after insert on audit for each statement execute function wake_audit();

-- Seals rows in the given order behind the newest link, which must be `behind`.
create function seal_audit(ids bigint[], hashes bytea[], behind bytea, moment timestamptz) returns bigint
language plpgsql security definer set search_path = public, pg_temp
as $$
declare
  head audit_head;
  sealed bigint;
begin
  select * into strict head from audit_head for update;
  if head.hash is distinct from behind then
    raise exception 'the chain has moved on' using errcode = 'serialization_failure';
  end if;
  update audit a set seq = head.seq + link.place, hash = link.hash, sealed_at = moment,
                     previous = case when link.place = 1 then behind else hashes[(link.place - 1)::int] end
    from unnest(ids, hashes) with ordinality as link (id, hash, place)
    where a.id = link.id and a.seq is null;
  get diagnostics sealed = row_count;
  if sealed <> cardinality(ids) or sealed <> cardinality(hashes) then
    raise exception 'some of the rows are sealed already or missing' using errcode = 'serialization_failure';
  end if;
  update audit_head set seq = head.seq + sealed, hash = hashes[sealed::int], sealed_at = moment;
  return head.seq + sealed;
end $$;

-- Whoever does a deed writes its row, whatever their scope; reading obeys it, and a row of no centre is seen by
-- those who see everything.
alter table audit enable row level security;
create policy scope on audit for select using (ioc_sees(coalesce(centre, ''), area));
create policy add on audit for insert with check (true);

revoke all on audit, audit_head from public, ioc_app;
grant select on audit, audit_head to ioc_app;
grant insert (at, who, act, kind, thing, centre, area, address, outcome, before, after, text) on audit to ioc_app;
revoke all on function seal_audit(bigint[], bytea[], bytea, timestamptz) from public;
grant execute on function seal_audit(bigint[], bytea[], bytea, timestamptz) to ioc_app;

create view outside.audit as select * from public.audit;
create view outside.audit_head as select * from public.audit_head;
grant select on outside.audit, outside.audit_head to ioc_outside;
