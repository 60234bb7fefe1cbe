"""The tables of the audit trail hold what a deed tells, and the seal apart from it."""

from ioc.store.audit import Deed
from ioc.store.tables_audit import AUDIT, AUDIT_HEAD


def test_every_part_of_a_deed_has_its_column() -> None:
    assert set(Deed.__struct_fields__) <= set(AUDIT.c.keys())


def test_the_seal_is_four_columns_and_the_head_one_row() -> None:
    assert {"seq", "previous", "hash", "sealed_at"} <= set(AUDIT.c.keys())
    assert [column.name for column in AUDIT_HEAD.primary_key.columns] == ["one"]
