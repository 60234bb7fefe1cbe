"""The descriptions of what people are told; their columns are compared with the migrated ones elsewhere."""

from ioc.store.tables import METADATA
from ioc.store.tables_tell import CONTACTS, DELIVERIES, MESSAGE_ITEMS, MESSAGES, NOTIFICATIONS, TOLD_THREADS


def test_they_are_among_the_described_tables() -> None:
    for table in (CONTACTS, DELIVERIES, MESSAGE_ITEMS, MESSAGES, NOTIFICATIONS, TOLD_THREADS):
        assert METADATA.tables[table.name] is table


def test_a_message_tells_a_thing_once() -> None:
    assert [one.name for one in MESSAGE_ITEMS.primary_key.columns] == ["message", "notification"]
