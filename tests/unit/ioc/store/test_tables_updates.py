"""The table of updates; the integration tests hold it against the migrated schema."""

from ioc.store.guards import statements
from ioc.store.tables_updates import REPORT_UPDATES
from ioc.store.updates import Update


def test_the_table_is_guarded_and_is_what_is_read() -> None:
    assert {column.name for column in REPORT_UPDATES.columns} == set(Update.__struct_fields__)
    assert "alter table report_updates enable row level security" in statements()
