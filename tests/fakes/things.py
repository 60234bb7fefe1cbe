"""Devices, readings, sightings, rules and alarms as the tests need them."""

import datetime as dt
import uuid
from typing import Any

import msgspec

from gis.observation import Phase, Quality, Reading, Sighting, Value
from gis.position import Position
from gis.stamp import Stamp
from ioc.catalogue import profiles
from ioc.incidents.alarm import Alarm, Source
from ioc.incidents.rules import Rule
from sensors.profile import Device

NOW = dt.datetime(2026, 11, 22, 1, 0, tzinfo=dt.UTC)
"""The arrival of everything, unless a test says otherwise."""

AI_NGHIA = Position(lon=108.118, lat=15.883)


def device(
    code: str = "gauge-ai-nghia",
    profile: str = "river-gauge",
    centre: str = "quang-nam",
    area: str = "20335@2025-07-01",
    position: Position = AI_NGHIA,
) -> Device:
    """A registered device of a shipped profile."""
    return Device(code=code, centre=centre, area=area, name=code, position=position, profile=profiles()[profile])


def reading(
    value: float = 5.0,
    *,
    seq: int | None = 1,
    at: dt.datetime = NOW,
    source: str = "gauge-ai-nghia",
    centre: str = "quang-nam",
    run: str = "r",
    prop: str = "water_level",
    quality: Quality = Quality.GOOD,
    more: tuple[Value, ...] = (),
) -> Reading:
    """A reading of one value (and `more`)."""
    digest = "" if seq is not None else "0123456789abcdef"
    stamp = Stamp(centre=centre, source=source, at=at, run=run, sequence=seq, digest=digest)
    return Reading(stamp=stamp, values=(Value(prop, value, quality), *more))


def sighting(
    seq: int = 1,
    *,
    at: dt.datetime = NOW,
    source: str = "cam-a",
    subject: str = "gate",
    kind: str = "zone_entered",
    position: Position | None = AI_NGHIA,
) -> Sighting:
    """Something that entered a zone."""
    stamp = Stamp(centre="quang-nam", source=source, at=at, run="w1", sequence=seq, position=position)
    name = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{source}/{seq}/{subject}/{at}"))
    return Sighting(id=name, stamp=stamp, kind=kind, subject=subject, track=str(seq), error_m=2.0)


def going_on(phase: Phase, seconds: float, *, seq: int, life: int = 1, **changed: Any) -> Sighting:
    """A report of something that loiters at the gate since NOW, so many seconds after."""
    seen = sighting(seq, at=NOW + dt.timedelta(seconds=seconds), kind="loitering")
    plain: dict[str, Any] = {"id": str(uuid.UUID(int=life)), "phase": phase, "since": NOW}
    return msgspec.structs.replace(seen, **plain | changed)


def rule(**changed: Any) -> Rule:
    """A rule on the water level with the levels 2, 4 and 6 m, or on something else that is named."""
    plain: dict[str, Any] = {
        "code": "level",
        "pack": "test",
        "version": 1,
        "category": "flood",
        "title": "{name} vượt {level}",
        "title_en": "{name} above {level}",
        "profile": "river-gauge",
        "measured": "water_level",
        "levels": {"moderate": 2.0, "severe": 4.0, "extreme": 6.0},
        "clear_margin": 0.5,
    }
    if changed.keys() & {"sighting", "system", "needs"}:
        plain |= {"profile": "", "measured": "", "levels": {}}
    return Rule(**plain | changed)


def source(code: str = "gauge-ai-nghia", centre: str = "quang-nam") -> Source:
    """Where an alarm comes from."""
    return Source(code=code, name=code, centre=centre, area="20335@2025-07-01", position=AI_NGHIA)


def alarm(number: int = 1, **changed: Any) -> Alarm:
    """A holding alarm."""
    plain: dict[str, Any] = {
        "id": str(uuid.UUID(int=number)),
        "key": f"test/level:gauge-ai-nghia:{number}",
        "rule": "test/level@1",
        "category": "flood",
        "severity": "moderate",
        "source_kind": "sensor",
        "source": source(),
        "property": "water_level",
        "raised_at": NOW,
        "seen_at": NOW,
        "cleared_at": None,
        "count": 1,
        "evidence": {},
    }
    return Alarm(**plain | changed)
