-- What the wall needs to show a moment that is past.

-- When the log told a change. Its `at` is the event's own time; what a wall showed at a moment is what had been told.
-- The statement that enters it runs behind the lock of the log, so that these times rise as the ids do.
-- What is in the log already gets the moment of the migration, which no row is rewritten for: the past begins with the
-- first picture, which is kept later.
alter table changes add column told_at timestamptz not null default statement_timestamp();
comment on column changes.told_at is 'when walls heard of it, rising with the ids; `at` is the time of the event';
drop index changes_at;
create index changes_told on changes (told_at, id);

create table past_pictures (
  change bigint primary key,
  told_at timestamptz not null,
  shown bigint[] not null
);
comment on table past_pictures is 'the picture of all walls behind a change, from which later moments are made';
comment on column past_pictures.change is 'the last change in it; the log goes on from here without a gap';
comment on column past_pictures.shown is 'the changes whose after-images it consists of, one a thing';

grant select, insert, delete on past_pictures to ioc_app;
