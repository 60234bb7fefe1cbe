"""The descriptions of the tables of correlation; their columns are compared with the migrated ones in integration."""

from ioc.store.tables import METADATA
from ioc.store.tables_correlation import INCIDENT_CELLS, INCIDENT_REACH, INCIDENT_RELATIONS


def test_they_are_among_the_described_tables() -> None:
    for table in (INCIDENT_CELLS, INCIDENT_REACH, INCIDENT_RELATIONS):
        assert METADATA.tables[table.name] is table


def test_two_incidents_are_related_once_in_each_way() -> None:
    assert [one.name for one in INCIDENT_RELATIONS.primary_key.columns] == ["incident", "other", "kind"]
