"""A database of the release before correlation, with an open incident: after the upgrade it goes on and ends."""

import asyncio
import uuid
from collections.abc import Callable

import asyncpg

from gis.areas import AreaIndex
from ioc.store import migrate
from ioc.store.database import Database
from tests.fakes.things import NOW, rule
from tests.integration.test_desk import AREA, Office

BEFORE = "0008_pre_camera_health"

OLD_INCIDENT = """
insert into incidents (id, centre, area, version, key, title, title_en, category, severity, status, owner, area_code,
  area_name, sources, alarms, count, cleared, opened_at, updated_at, first_at, last_at, geom)
values ($1, 'dai-loc', $2, 1, 'flood:gauge-ai-nghia', 'Mực nước', 'Water level', 'flood', 'moderate', 'acknowledged',
  'lan', '20506', 'Ái Nghĩa', '{sensor}', 1, 3, false, $3, $3, $3, $3, 'SRID=4326;POINT(108.1118 15.8831)')
"""

OLD_ALARM = """
insert into alarms (id, centre, area, key, rule, category, severity, source_kind, source, source_name, property,
  raised_at, seen_at, count, evidence, incident, geom)
values ($1, 'dai-loc', $2, 'river-levels/river-level:gauge-ai-nghia:water_level', 'river-levels/river-level@1', 'flood',
  'moderate', 'sensor', 'gauge-ai-nghia', 'Ái Nghĩa', 'water_level', $3, $3, 3, '{}', $4,
  'SRID=4326;POINT(108.1118 15.8831)')
"""


async def upgraded(blank: Callable[[str], str]) -> uuid.UUID:
    """What the release before left is brought to the newest schema; the id of its incident."""
    incident = uuid.uuid4()
    owner = await asyncpg.connect(blank("ioc_owner"))
    await owner.execute(await asyncio.to_thread(migrate._statements, None, BEFORE))
    await owner.close()
    admin = await asyncpg.connect(blank("postgres"))
    await admin.execute(OLD_INCIDENT, incident, AREA, NOW)
    await admin.execute(OLD_ALARM, uuid.uuid4(), AREA, NOW, incident)
    await admin.close()
    await migrate.migrate(blank("ioc_owner"))
    return incident


async def test_what_was_open_takes_its_neighbours_and_ends_after_the_upgrade(
    blank: Callable[[str], str], area_index: AreaIndex
) -> None:
    incident = await upgraded(blank)
    admin = await asyncpg.connect(blank("postgres"))
    async with Database.open(blank("ioc_app")) as database:
        office = Office(database, area_index, rules=(rule(pack="river-levels", code="river-level"),))
        await office.level(3.0)
        assert await admin.fetchval("select count from alarms") == 4
        await office.level(4.1, source="gauge-b")
        rows = await admin.fetch("select incident, match from alarms order by source")
        assert [(row["incident"], row["match"]) for row in rows] == [(incident, "linked")] * 2
        for gauge in ("gauge-ai-nghia", "gauge-b"):
            await office.level(1.0, source=gauge)
        row = await admin.fetchrow("select status, alarms, owner from incidents")
    await admin.close()
    assert (row["status"], row["alarms"], row["owner"]) == ("resolved", 2, "lan")
