"""The tables of releases; the integration tests hold them against the migrated ones."""

from ioc.store.tables_releases import AREA_RELEASES, CENTRE_MERGES, FORMER_TOPICS


def test_what_each_is_known_by() -> None:
    keys = [
        [column.name for column in table.primary_key.columns] for table in (AREA_RELEASES, CENTRE_MERGES, FORMER_TOPICS)
    ]
    assert keys == [["name"], ["gone"], ["code", "centre"]]
