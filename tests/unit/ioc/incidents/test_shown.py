"""What is told of the objects in hand is what is read back of their rows."""

import datetime as dt

import msgspec
import pytest

from gis.layers import ALARMS, INCIDENTS
from ioc.access.scope import EVERYTHING
from ioc.incidents.alarm import Alarm
from ioc.incidents.incident import Incident, Place, Titles, opened
from ioc.incidents.shown import alarm_feature, incident_feature
from ioc.store.alarms import save_alarms
from ioc.store.database import Database
from ioc.store.incidents import save_incident
from ioc.store.layers import features_of
from tests.fakes.things import AI_NGHIA, NOW, alarm

PLACE = Place(centre="quang-nam", area="20335@2025-07-01", area_code="20335", area_name="Bàn Thạch", position=AI_NGHIA)
ID = "00000000-0000-7000-8000-000000000001"
LATER = NOW + dt.timedelta(minutes=7, microseconds=250_000)

PLAIN = alarm(incident=ID)
FULL = alarm(
    incident=ID, title="Mực nước cao", title_en="High level", match="linked", numbers=("113:7",), error_m=40.5,
    evidence={"value": 7.5, "levels": {"moderate": 6.5}}, seen_at=LATER, cleared_at=LATER, count=3, severity="severe",
)  # fmt: skip


def one(**changed: object) -> Incident:
    made, _ = opened(PLAIN, Titles("Mực nước", "Level"), PLACE, ID, NOW)
    return msgspec.structs.replace(made, **changed)


@pytest.mark.parametrize(
    ("incident", "camera"),
    [
        (one(), None),
        (one(owner="lan", status="resolved", resolved_by="system", touched=True, last_at=LATER, version=3), "cam-1"),
        (one(sources=("camera", "sensor"), cleared=True, severity="extreme", alarms=2, count=9), None),
    ],
)
@pytest.mark.parametrize("raised", [PLAIN, FULL])
async def test_it_is_the_same(database: Database, raised: Alarm, incident: Incident, camera: str | None) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        await save_incident(transaction, incident, camera)
        await save_alarms(transaction, [raised])
        [kept_alarm] = await features_of(transaction, ALARMS, [raised.id])
        [kept_incident] = await features_of(transaction, INCIDENTS, [incident.id])
    assert alarm_feature(raised) == kept_alarm
    assert incident_feature(incident, camera) == kept_incident
