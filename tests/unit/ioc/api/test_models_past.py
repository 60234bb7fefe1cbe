"""What is answered about the past has the collections of the picture by their names."""

from ioc.api.models_past import OpenedOf, PastOf
from ioc.store.past import SHOWN, Opened


def test_a_picture_has_a_list_for_each_collection_that_it_consists_of() -> None:
    assert PastOf.__struct_fields__ == ("at", "oldest", "cursor", *(layer.id for layer in SHOWN))


def test_an_hour_is_told_as_it_is_counted() -> None:
    assert OpenedOf.__struct_fields__ == Opened.__struct_fields__
