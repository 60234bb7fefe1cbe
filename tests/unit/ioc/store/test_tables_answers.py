"""The table of kept answers."""

from ioc.store.tables_answers import ANSWERS


def test_an_answer_is_kept_once_for_a_person_and_key() -> None:
    assert [column.name for column in ANSWERS.primary_key.columns] == ["login", "key"]
