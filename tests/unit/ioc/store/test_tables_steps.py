"""The tables of an incident's life; the integration tests hold them against the migrated schema."""

from ioc.store import tables_steps
from ioc.store.guards import OF_INCIDENTS, statements


def test_every_table_about_incidents_is_guarded() -> None:
    tables = ("incident_seen", "incident_checklist", "incident_moves", "moved_alarms")
    assert set(tables) | {"checklists"} <= tables_steps.METADATA.tables.keys()
    text = "\n".join(statements())
    assert all(f"alter table {table} enable row level security" in text for table in (*tables, *OF_INCIDENTS))
