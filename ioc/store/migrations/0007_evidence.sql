-- Clips and pictures of evidence: classes, legal hold, a bound on disk.
alter table media
  add column retention text not null default 'sighting',
  add column made text not null default '',
  add column seconds real,
  add column held_by text,
  add column held_why text,
  add column held_since timestamptz,
  add column held_until timestamptz,
  add column checked_at timestamptz,
  add column fault text,
  add constraint media_held check ((held_by is null) = (held_since is null) and (held_by is null) = (held_why is null)),
  add constraint media_fault check (fault in ('missing', 'changed'));
comment on column media.kind is 'sighting (a picture), clip, stills (a sheet of pictures in place of a clip)';
comment on column media.retention is 'the class of ioc/data/retention.toml by which it expires';
comment on column media.made is 'how: remuxed (the stream as it came), masked (encoded anew behind its mask), stills; empty: a picture';
comment on column media.held_until is 'a legal hold ends by itself then; null: when somebody releases it';
comment on column media.checked_at is 'when the file was last compared with its digest';
comment on column media.fault is 'what that found: missing, or changed; null: nothing';
create index media_oldest on media (taken_at) where held_by is null;
create index media_checked on media (checked_at nulls first);
create index media_source on media (source, taken_at);
