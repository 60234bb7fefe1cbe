-- The grade of each camera, its link, and where it looks.
alter table cameras
  add column reason text not null default '',
  add column picture_before uuid,
  add column picture_after uuid,
  add column down_since timestamptz,
  add column grade text,
  add column fps real,
  add column fps_expected real,
  add column reconnects integer,
  add column stalls integer,
  add column link text generated always as (coalesce(settings ->> 'link', '')) stored;
comment on column cameras.reason is 'why it has this state, in one sentence without secrets; empty: nothing to say';
comment on column cameras.picture_before is 'media: what it showed before its state changed; null where no picture proves it';
comment on column cameras.down_since is 'when pictures ceased to come; null while they come';
comment on column cameras.grade is 'excellent, fair, poor or unusable; null: not known yet';
comment on column cameras.reconnects is 'how often its stream was opened anew within an hour';
comment on column cameras.stalls is 'how often its pictures paused within an hour';
