"""A province on its worst night: thousands of open incidents and of stations, scattered as towns are."""

import asyncpg

INCIDENTS = 5_000
STATIONS = 20_000

PROVINCE = (107.475, 15.05, 108.625, 16.05)
"""West, south, east and north of all of it."""
TOWN = (108.47, 15.555, 108.52, 15.605)
"""The same of the one town that can be hit harder than the rest: it lies in one tile of zoom 12."""

_SCATTERED = """st_setsrid(st_makepoint(
    107.5 + 1.1 * pow(random(), 0.6) + 0.05 * (random() - 0.5), 15.05 + 1.0 * pow(random(), 0.8)), 4326)"""
_IN_TOWN = "st_setsrid(st_makepoint({0} + random() * ({2} - {0}), {1} + random() * ({3} - {1})), 4326)".format(*TOWN)

_STATIONS = f"""
insert into devices (code, centre, area, name, kind, profile, state, state_since, geom)
  select 'station-' || i, case when i % 7 = 0 then 'hoi-an' else 'quang-nam' end, '502@2024-09-01', 'Trạm ' || i, kind,
         kind, case when i % 100 < 90 then 'fresh' when i % 100 < 95 then 'stale'
                    when i % 100 < 99 then 'lost' else 'suspended' end, now() - make_interval(mins => i % 600),
         {_SCATTERED}
  from (select i, (array['rain-station', 'river-gauge', 'traffic-loop', 'air-station'])[1 + i % 4] as kind
        from generate_series(1, $1::integer) i) as all_of_them
"""

_INCIDENTS = """
insert into incidents (id, centre, area, version, key, title, title_en, category, severity, status, area_code,
                       area_name, sources, alarms, count, cleared, opened_at, updated_at, first_at, last_at, geom)
  select gen_random_uuid(), case when i % 7 = 0 then 'hoi-an' else 'quang-nam' end, '502@2024-09-01', 1, $2 || i,
         'Nước ngập ' || i, 'Flooded ' || i, 'flood',
         case when i % 100 < 2 then 'extreme' when i % 100 < 20 then 'severe'
              when i % 100 < 60 then 'moderate' else 'minor' end,
         case when i / 100 % 10 < $3 then 'closed' when i % 3 = 0 then 'acknowledged' else 'new' end, '502', 'Tam Kỳ',
         array['sensor'], 1, 1, false, at, at, at, at, :place
  from (select i, now() - make_interval(mins => i % 300) as at from generate_series(1, $1::integer) i) as all_of_them
"""


async def gather(
    owner: asyncpg.Connection, *, incidents: int = INCIDENTS, stations: int = STATIONS, in_town: int = 0, over: int = 0
) -> None:
    """Put them into an empty centre, the same ones each time.

    So many incidents more in the town; `over` of ten hundreds of incidents are closed.
    """
    async with owner.transaction():
        await owner.execute("select setseed(0.29)")
        await owner.execute(_STATIONS, stations)
        await owner.execute(_INCIDENTS.replace(":place", _SCATTERED), incidents, "crowd-", over)
        await owner.execute(_INCIDENTS.replace(":place", _IN_TOWN), in_town, "town-", over)
    await owner.execute("analyze devices")
    await owner.execute("analyze incidents")
