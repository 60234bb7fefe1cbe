-- Uploads that resume.
create table uploads (
  id uuid primary key,
  login text not null,
  size integer not null check (size between 1 and 8388608),
  received integer not null default 0 check (received between 0 and size),
  created_at timestamptz not null,
  expires_at timestamptz not null check (expires_at > created_at),
  refused text not null default '',
  picture uuid unique,
  sha256 bytea check (octet_length(sha256) = 32),
  bytes integer check (bytes > 0),
  judged_at timestamptz,
  taken_at timestamptz,
  constraint uploads_picture_whole
    check (num_nonnulls(picture, sha256, bytes, judged_at) in (0, 4) and (picture is null or received = size)),
  constraint uploads_taken_picture check (taken_at is null or picture is not null)
);
comment on table uploads is 'photographs on their way in, in pieces over links that break (ioc/store/uploads.py)';
comment on column uploads.id is 'made by chance alone: who knows it and is the login may go on with it';
comment on column uploads.received is 'bytes that are durable on disk';
comment on column uploads.refused is 'why its content was refused, once it was whole';
comment on column uploads.picture is 'the picture that was made of it, in the media folder; null: it is not whole';
comment on column uploads.taken_at is 'when a step took the picture; null: none did';
create index uploads_login on uploads (login, expires_at);
create index uploads_expires on uploads (expires_at);
grant select, insert, update, delete on uploads to ioc_app;
