"""The description of uploads; its columns are compared with the migrated ones in tests/integration."""

from ioc.store.tables_uploads import UPLOADS


def test_an_upload_is_its_logins_and_belongs_to_no_centre() -> None:
    assert [column.name for column in UPLOADS.primary_key.columns] == ["id"]
    assert not {"centre", "area"} & set(UPLOADS.c.keys())
