"""The statements of the search; what they find is tried on a real PostgreSQL (tests/integration/test_search.py)."""

from ioc.store import finding
from ioc.store.tables import CAMERAS, DEVICES


def test_devices_and_cameras_are_read_from_their_own_tables_with_bound_values() -> None:
    for table in (DEVICES, CAMERAS):
        ready = finding._things(table)
        assert f"FROM {table.name}" in ready.sql
        assert set(ready.names) >= {"name", "code", "names", "codes", "patterns", "most"}


def test_an_area_is_named_with_and_without_what_it_is_called() -> None:
    assert finding._short("Huyện Duy Xuyên", "Huyện") == "Duy Xuyên"
    assert finding._short("Phường", "Phường") == "Phường"
