"""Features that are made of the objects in hand are those that are read back of their rows."""

import datetime as dt
import uuid

import msgspec
import orjson

from gis.layer import Layer
from gis.layers import ALARMS, INCIDENTS
from gis.position import Position
from ioc.access.scope import EVERYTHING
from ioc.incidents.incident import Incident, Place, Titles, opened
from ioc.incidents.shown import alarm_feature, incident_feature
from ioc.store import alarms as kept_alarms
from ioc.store import incidents as kept
from ioc.store.database import Database, Transaction
from ioc.store.layers import features_of
from tests.fakes.things import NOW, alarm, source

ODD = NOW + dt.timedelta(microseconds=123_987)
AT = Position(lon=108.123456789, lat=15.987654321)
PLACE = Place(centre="quang-nam", area="20335@2025-07-01", area_code="20335", area_name="Bàn Thạch", position=AT)
FIRST, OTHER = str(uuid.UUID(int=1)), str(uuid.UUID(int=2))


def of(name: str, **changed: object) -> Incident:
    made, _ = opened(alarm(), Titles("Mực nước “cao”", "Level"), PLACE, name, ODD)
    return msgspec.structs.replace(made, **changed)


async def kept_as(transaction: Transaction, layer: Layer, feature: dict[str, object]) -> bool:
    [found] = await features_of(transaction, layer, [str(feature["id"])])
    return bool(orjson.loads(orjson.dumps(found)) == orjson.loads(orjson.dumps(feature)))


async def test_an_incident_is_shown_as_it_is_kept(database: Database) -> None:
    plain = of(OTHER)
    full = of(FIRST, owner="lan", duplicate_of=OTHER, status="duplicate", sources=("camera", "sensor"), cleared=True)
    async with database.transaction(EVERYTHING) as transaction:
        await kept.save_incidents(transaction, [(plain, "cam-1"), (full, None)])
        assert await kept_as(transaction, INCIDENTS, incident_feature(plain, "cam-1"))
        assert await kept_as(transaction, INCIDENTS, incident_feature(full, None))
        assert not await kept_as(transaction, INCIDENTS, incident_feature(plain, None))


async def test_an_alarm_is_shown_as_it_is_kept(database: Database) -> None:
    evidence = {"value": 7.0, "at": ODD, "levels": {"moderate": 6.5}, "none": None, "photos": ["a", "b"]}
    plain = alarm(evidence=evidence, raised_at=ODD, seen_at=ODD, numbers=("114:7",), error_m=12.5)
    there = msgspec.structs.replace(source("cam-1"), position=AT, area="48@2025-07-01")
    seen = alarm(2, source=there, source_kind="camera", key="k2", cleared_at=ODD, incident=OTHER, match="linked")
    async with database.transaction(EVERYTHING) as transaction:
        await kept.save_incident(transaction, of(OTHER), None)
        await kept_alarms.save_alarms(transaction, [plain, seen])
        assert await kept_as(transaction, ALARMS, alarm_feature(plain))
        assert await kept_as(transaction, ALARMS, alarm_feature(seen))
