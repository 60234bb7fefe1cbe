"""The descriptions of the tables of counts; their columns are compared with the migrated ones in tests/integration."""

from ioc.store.tables import METADATA
from ioc.store.tables_sequences import REPEATS, SEQUENCES


def test_they_are_among_the_described_tables() -> None:
    assert METADATA.tables["sequences"] is SEQUENCES
    assert METADATA.tables["repeats"] is REPEATS


def test_a_count_belongs_to_one_run_of_one_device() -> None:
    assert [column.name for column in SEQUENCES.primary_key.columns] == ["device", "run"]
