-- People: sessions, tokens, second factors, invitations. Runs after 0001_ground.sql, which has the accounts.
-- Of every secret only a digest or a slow hash is kept; the secret of a second factor must be kept itself.

create table sessions (
  digest bytea primary key,
  id uuid not null unique,
  account uuid not null references accounts,
  address text not null,
  agent text not null,
  created_at timestamptz not null,
  seen_at timestamptz not null,
  expires_at timestamptz not null
);
create index sessions_account on sessions (account);
comment on column sessions.id is 'what lists show; the digest stays inside';

create table tokens (
  digest bytea primary key,
  id uuid not null unique,
  account uuid not null references accounts,
  label text not null,
  scopes text[] not null,
  created_at timestamptz not null,
  used_at timestamptz,
  expires_at timestamptz
);
create index tokens_account on tokens (account);

create table factors (
  account uuid primary key references accounts,
  secret bytea not null,
  created_at timestamptz not null,
  confirmed_at timestamptz,
  last_step bigint not null default 0
);
comment on column factors.last_step is 'the time step of the newest code that was used: no code works twice';

create table recovery_codes (
  account uuid not null references accounts,
  digest bytea not null,
  primary key (account, digest)
);

create table invites (
  digest bytea primary key,
  account uuid not null unique references accounts,
  created_by text not null,
  created_at timestamptz not null,
  expires_at timestamptz not null
);

create table known_browsers (
  digest bytea primary key,
  account uuid not null references accounts,
  address text not null,
  seen_at timestamptz not null
);
create index known_browsers_account on known_browsers (account);
comment on table known_browsers is 'where a person has signed in before: guessing by strangers does not slow them down';

grant select, insert, update, delete
  on sessions, tokens, factors, recovery_codes, invites, known_browsers to ioc_app;
