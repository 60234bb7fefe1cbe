"""A province on its worst night: thousands of open incidents and of stations, scattered as towns are."""

from tests.fakes.http_centre import Centre

INCIDENTS = 5_000
STATIONS = 20_000

_PLACE = """st_setsrid(st_makepoint(
    107.5 + 1.1 * pow(random(), 0.6) + 0.05 * (random() - 0.5), 15.05 + 1.0 * pow(random(), 0.8)), 4326)"""

_STATIONS = f"""
insert into devices (code, centre, area, name, kind, profile, state, state_since, geom)
  select 'station-' || i, case when i % 7 = 0 then 'hoi-an' else 'quang-nam' end, '502@2024-09-01', 'Trạm ' || i, kind,
         kind, case when i % 100 < 90 then 'fresh' when i % 100 < 95 then 'stale'
                    when i % 100 < 99 then 'lost' else 'suspended' end, now() - make_interval(mins => i % 600), {_PLACE}
  from (select i, (array['rain-station', 'river-gauge', 'traffic-loop', 'air-station'])[1 + i % 4] as kind
        from generate_series(1, $1::integer) i) as all_of_them
"""

_INCIDENTS = f"""
insert into incidents (id, centre, area, version, key, title, title_en, category, severity, status, area_code,
                       area_name, sources, alarms, count, cleared, opened_at, updated_at, first_at, last_at, geom)
  select gen_random_uuid(), case when i % 7 = 0 then 'hoi-an' else 'quang-nam' end, '502@2024-09-01', 1, 'crowd-' || i,
         'Nước ngập ' || i, 'Flooded ' || i, 'flood',
         case when i % 100 < 2 then 'extreme' when i % 100 < 20 then 'severe'
              when i % 100 < 60 then 'moderate' else 'minor' end,
         case when i % 3 = 0 then 'acknowledged' else 'new' end, '502', 'Tam Kỳ', array['sensor'], 1, 1, false,
         at, at, at, at, {_PLACE}
  from (select i, now() - make_interval(mins => i % 300) as at from generate_series(1, $1::integer) i) as all_of_them
"""


async def gather(centre: Centre, *, incidents: int = INCIDENTS, stations: int = STATIONS) -> None:
    """Put them into an empty centre; the same ones each time."""
    async with centre.owner.transaction():
        await centre.owner.execute("select setseed(0.29)")
        await centre.owner.execute(_STATIONS, stations)
        await centre.owner.execute(_INCIDENTS, incidents)
    await centre.owner.execute("analyze devices")
    await centre.owner.execute("analyze incidents")
