"""The table of layouts; the integration tests hold it against the migrated one."""

from ioc.store.tables_layouts import LAYOUTS


def test_a_person_has_one_document() -> None:
    assert [column.name for column in LAYOUTS.primary_key.columns] == ["account"]
