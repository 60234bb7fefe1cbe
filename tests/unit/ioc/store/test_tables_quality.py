"""The descriptions of the figures of alarms; their columns are compared with the migrated ones elsewhere."""

from ioc.store.tables import METADATA
from ioc.store.tables_quality import ALARM_HOURS, ALARM_QUALITY, ALARM_SOURCES


def test_they_are_among_the_described_tables() -> None:
    for name, table in (("hours", ALARM_HOURS), ("quality", ALARM_QUALITY), ("sources", ALARM_SOURCES)):
        assert METADATA.tables[f"alarm_{name}"] is table


def test_an_area_has_one_row_an_hour() -> None:
    assert [one.name for one in ALARM_QUALITY.primary_key.columns] == ["hour", "centre", "area"]
