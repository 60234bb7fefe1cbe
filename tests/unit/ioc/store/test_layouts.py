"""What is kept of a person; writing is tried on a real PostgreSQL (tests/integration/test_layouts.py)."""

from ioc.store.layouts import Kept


def test_before_the_first_change_there_is_nothing() -> None:
    assert Kept(0, {}) == Kept(version=0, layout={})
