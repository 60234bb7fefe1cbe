"""The table of pictures; the integration tests hold it against the migrated schema."""

from ioc.store.tables_past import PAST_PICTURES


def test_a_picture_is_what_it_consists_of_behind_which_change_and_when() -> None:
    assert [column.name for column in PAST_PICTURES.columns] == ["change", "told_at", "shown"]
