-- Devices behind gateways, and dead letters that can be mended.
create index devices_gateway on devices (gateway) where gateway is not null;

alter table dead_letters
  add column source text not null default '',
  add column skew_s double precision,
  add column replayed_at timestamptz,
  add column mended_at timestamptz,
  add column again text not null default '';
comment on column dead_letters.source is 'the registered device, gateway or camera that sent it; empty: none is known';
comment on column dead_letters.skew_s is 'how far a time that was not believed lies from the arrival; negative: before it';
comment on column dead_letters.again is 'why it was refused when it was replayed; empty when it was not';
create index dead_letters_code on dead_letters (code, id);
create index dead_letters_source on dead_letters (source, id);
create index dead_letters_open on dead_letters (id) where mended_at is null;
