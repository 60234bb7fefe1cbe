"""Alarms and incidents as features of the map, made of the objects in hand.

The same as what `ioc/store/layers.py` reads back of their rows; a test holds both equal.
"""

from typing import Any

from gis.layers import ALARMS, INCIDENTS, feature
from ioc.incidents.alarm import Alarm
from ioc.incidents.incident import Incident

_ALARM = tuple(field.name for field in ALARMS.fields if field.name in Alarm.__struct_fields__)
_INCIDENT = tuple(field.name for field in INCIDENTS.fields if field.name in Incident.__struct_fields__)


def alarm_feature(alarm: Alarm) -> dict[str, Any]:
    """The feature of an alarm."""
    source, row = alarm.source, {name: getattr(alarm, name) for name in _ALARM}
    row["source"], row["source_name"], row["centre"] = source.code, source.name, source.centre
    row["area_code"] = source.area.partition("@")[0]
    row["lon"], row["lat"] = source.position.lon, source.position.lat
    return feature(ALARMS, row)


def incident_feature(incident: Incident, camera: str | None) -> dict[str, Any]:
    """The feature of an incident; `camera` is the one that all of its alarms come from."""
    place, row = incident.place, {name: getattr(incident, name) for name in _INCIDENT}
    row["camera"], row["sources"] = camera, list(incident.sources)
    row["centre"], row["area_code"], row["area_name"] = place.centre, place.area_code, place.area_name
    row["lon"], row["lat"] = place.position.lon, place.position.lat
    return feature(INCIDENTS, row)
