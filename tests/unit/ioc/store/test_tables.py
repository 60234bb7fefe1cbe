"""The descriptions of tables; their columns are compared with the migrated ones in tests/integration."""

import pytest
import sqlalchemy as sa

from ioc.store.tables import METADATA

TABLES = METADATA.tables.values()


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_moment_has_a_zone_and_every_table_a_key(table: sa.Table) -> None:
    moments = [column for column in table.columns if isinstance(column.type, sa.DateTime)]
    assert all(column.type.timezone for column in moments)
    assert list(table.primary_key.columns) or table.name == "readings"


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_geometry_is_wgs_84_and_its_mercator_copy_is_made_by_postgresql(table: sa.Table) -> None:
    for column in table.columns:
        srid = getattr(column.type, "srid", None)
        if srid is not None:
            assert srid == (3857 if column.name.endswith("3857") else 4326)
            assert column.computed is not None or not column.name.endswith("3857")
