"""The description of imports; its columns are compared with the migrated ones in tests/integration."""

from ioc.store.tables_imports import IMPORTS


def test_an_import_is_its_logins_and_belongs_to_no_centre() -> None:
    assert [column.name for column in IMPORTS.primary_key.columns] == ["id"]
    assert not {"centre", "area"} & set(IMPORTS.c.keys())
