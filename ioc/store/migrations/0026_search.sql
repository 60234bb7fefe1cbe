-- What finding a place, a device or an incident by its name needs.

-- A name as it is compared: without accents, case and punctuation, đ as d (ioc/finding.py does the same). It must stay
-- as it is: columns and an index are made of it.
create function ioc_fold(name text) returns text
language sql immutable strict parallel safe
return lower(btrim(regexp_replace(
  translate(regexp_replace(normalize(name, NFD), '[\u0300-\u036f]', '', 'g'), 'đĐ', 'dD'),
  '[^A-Za-z0-9]+', ' ', 'g')) collate "C");

alter table devices add column folded text not null
  generated always as (' ' || ioc_fold(name) || ' | ' || ioc_fold(code) || ' |') stored;
alter table cameras add column folded text not null
  generated always as (' ' || ioc_fold(name) || ' | ' || ioc_fold(code) || ' |') stored;
-- The table is rewritten for a column that is generated, so both of 0027 come with this one: once is enough.
alter table incidents add column folded text not null
  generated always as (
    ' ' || ioc_fold(title) || ' | ' || ioc_fold(coalesce(title_en, '')) || ' | '
    || ioc_fold(coalesce(area_name, '')) || ' |'
  ) stored,
  add column place_lon double precision generated always as (st_x(geom)) stored,
  add column place_lat double precision generated always as (st_y(geom)) stored;
comment on column devices.folded is 'name and code to be searched: a space before each word, a bar behind each text';
comment on column cameras.folded is 'name and code to be searched, as of devices';
comment on column incidents.folded is 'title, English title and name of the area to be searched, as of devices';

-- What is new is entered at once: a list of what is not would be read from end to end by each search.
create index incidents_words on incidents using gin (to_tsvector('simple', folded)) with (fastupdate = off);
create index incidents_words_open on incidents using gin (to_tsvector('simple', folded))
  with (fastupdate = off) where status in ('new', 'acknowledged', 'in_progress', 'reopened');

-- Incidents in which each of the words begins a word: open ones before others, the worst and then the newest first.
--
-- It runs as the owner because row-level security lets no index of words be used (matching one tells of rows, should it
-- fail). So it asks the policy's own rule of each row (a test holds them together), and whoever calls it reads the
-- rows by their ids under the policy once more. A word that many incidents have is found among the newest of them.
create function search_incidents(words text[], most integer) returns setof uuid
language plpgsql stable security definer set search_path = public, pg_temp set enable_seqscan = off
as $$
declare
  rule constant text := $r$coalesce(coalesce(centre = any ((select case when 'incident' <> all (string_to_array(coalesce(current_setting('ioc.kinds', true), ''), ',')) then '{}' when current_setting('ioc.scope', true) = '*' then null else string_to_array(coalesce(current_setting('ioc.scope', true), ''), ',') end)::text[]), true)
  and ((select current_setting('ioc.areas', true) = '*') or area in (select unnest(string_to_array(coalesce(current_setting('ioc.areas', true), ''), ','))))
  and coalesce(camera = any ((select case when current_setting('ioc.cameras', true) = '*' then null else string_to_array(coalesce(current_setting('ioc.cameras', true), ''), ',') end)::text[]), true)
  and coalesce(ended_at >= (select case coalesce(current_setting('ioc.past', true), '') when '' then 'infinity' when 'all' then '-infinity' else now() - current_setting('ioc.past', true)::interval end), true), false)$r$;
  sought tsquery;
  patterns text[];
  found uuid[];
  missing integer;
begin
  if cardinality(words) not between 1 and 8 or most not between 1 and 100
     or exists (select from unnest(words) w where w is null or w !~ '^[a-z0-9]{1,60}$') then
    raise exception 'search_incidents: 1 to 8 words of a-z and 0-9, and at most 100 incidents';
  end if;
  select to_tsquery('simple', string_agg(w || ':*', ' & ')), array_agg('% ' || w || '%') into sought, patterns
    from unnest(words) w;
  execute $q$
    select array(select id from incidents
      where status in ('new', 'acknowledged', 'in_progress', 'reopened') and to_tsvector('simple', folded) @@ $1
      and $q$ || rule || $q$
      order by array_position(array['extreme', 'severe', 'moderate', 'minor'], severity), opened_at desc limit $2)
  $q$ into found using sought, most;
  return query select unnest(found);
  missing := most - cardinality(found);
  if missing <= 0 then return; end if;
  execute $q$
    select array(select id from (
      select * from incidents order by opened_at desc limit 4000) newest
      where status not in ('new', 'acknowledged', 'in_progress', 'reopened') and folded like all ($1)
      and $q$ || rule || $q$
      order by opened_at desc limit $2)
  $q$ into found using patterns, missing;
  if cardinality(found) < missing then
    execute $q$
      with matching as materialized (
        select id, opened_at from incidents
        where status not in ('new', 'acknowledged', 'in_progress', 'reopened') and to_tsvector('simple', folded) @@ $1
        and $q$ || rule || $q$)
      select array(select id from matching order by opened_at desc limit $2)
    $q$ into found using sought, missing;
  end if;
  return query select unnest(found);
end
$$;
revoke execute on function search_incidents(text[], integer) from public;
grant execute on function search_incidents(text[], integer) to ioc_app;
