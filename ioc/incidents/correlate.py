"""Which alarms belong together. For now: those of one category from one source are one incident."""

from ioc.incidents.alarm import Alarm


def incident_key(alarm: Alarm) -> str:
    """The key under which at most one incident is open."""
    return f"{alarm.category}:{alarm.source.code}"
