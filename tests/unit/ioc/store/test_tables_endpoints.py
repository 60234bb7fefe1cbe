"""The descriptions of endpoints and browsers; that they are as migrated is asked in tests/integration."""

from ioc.store.tables import METADATA
from ioc.store.tables_endpoints import ENDPOINTS, PUSH_SUBSCRIPTIONS
from ioc.tell.endpoint import Endpoint


def test_a_table_has_a_column_for_each_member() -> None:
    assert set(Endpoint.__struct_fields__) == {one.name for one in ENDPOINTS.columns} - {"area"}
    assert METADATA.tables["push_subscriptions"] is PUSH_SUBSCRIPTIONS
