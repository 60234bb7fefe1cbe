"""The descriptions of keys and certificates; that they are as migrated is asked in tests/integration."""

from ioc.store.guards import OF_THINGS
from ioc.store.tables import METADATA
from ioc.store.tables_keys import CERTIFICATES, KEYS


def test_both_tables_are_seen_with_their_things_alone() -> None:
    assert METADATA.tables["device_keys"] is KEYS
    assert METADATA.tables["device_certificates"] is CERTIFICATES
    assert {"device_keys", "device_certificates"} <= set(OF_THINGS)
