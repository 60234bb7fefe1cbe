-- The subtree of a person's areas: every area of any period of which they hold the greater part of the land. So a
-- district of 2024 includes the units of 2025 that came of it, and not the larger unit that it was merged into.
create function ioc_subtree(roots text[]) returns text[]
language sql stable
as $$ with land as (select st_union(geom) as geom from areas where fid = any (roots))
      select coalesce(array_agg(a.fid order by a.fid), '{}') from areas a, land
      where a.fid = any (roots)
         or a.geom && land.geom and st_area(st_intersection(a.geom, land.geom)) > st_area(a.geom) / 2 $$;

create function ioc_spell_out_areas() returns trigger
language plpgsql
as $$
begin
  new.subtree = case when new.areas = '{}' then '{}' else ioc_subtree(new.areas) end;
  return new;
end $$;
create trigger spell_out_areas before insert or update on accounts
  for each row execute function ioc_spell_out_areas();

create function ioc_spell_out_again() returns trigger
language plpgsql
as $$
begin
  update accounts set areas = areas where areas <> '{}';
  return null;
end $$;
create trigger spell_out_again after insert or update or delete on areas
  for each statement execute function ioc_spell_out_again();
