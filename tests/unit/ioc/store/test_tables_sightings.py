"""The description of the table of reports; its columns are compared with the migrated ones in tests/integration."""

from ioc.store.tables import METADATA
from ioc.store.tables_sightings import SIGHTING_REPORTS


def test_it_is_among_the_described_tables() -> None:
    assert METADATA.tables["sighting_reports"] is SIGHTING_REPORTS


def test_a_report_is_known_by_the_key_of_its_stamp() -> None:
    assert [one.name for one in SIGHTING_REPORTS.primary_key.columns] == ["centre", "camera", "run", "seq", "at"]
