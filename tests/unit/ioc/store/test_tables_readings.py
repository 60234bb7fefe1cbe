"""The tables of readings; their columns are compared with the migrated ones in tests/integration."""

import sqlalchemy as sa

from ioc.store.tables_readings import OWNERS, READINGS, ROLLUPS


def test_a_row_names_its_owner_and_its_class_by_number() -> None:
    for table in (READINGS, ROLLUPS):
        assert isinstance(table.c.owner.type, sa.Integer)
        assert isinstance(table.c.retention.type, sa.SmallInteger)
        assert not {"centre", "area"} & set(table.c.keys())
    assert {"centre", "area"} < set(OWNERS.c.keys())


def test_sums_are_exact() -> None:
    assert type(ROLLUPS.c.total.type) is sa.Numeric
