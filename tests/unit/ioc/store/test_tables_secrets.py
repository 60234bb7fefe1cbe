"""The descriptions of sealed addresses; that they are as migrated is asked in tests/integration."""

from ioc.store.addresses import Place
from ioc.store.tables_secrets import CAMERA_ADDRESSES, CAMERA_ADDRESSES_PLAIN


def test_what_may_be_told_has_a_column_each_and_nothing_else_is_in_the_clear() -> None:
    assert {one.name for one in CAMERA_ADDRESSES.columns} == {"code", *Place.__struct_fields__, "key", "sealed"}
    assert {one.name for one in CAMERA_ADDRESSES_PLAIN.columns} == {"code", "url"}
