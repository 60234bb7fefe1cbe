"""The states of centres as they are told; asked of a real server in tests/integration/test_api_links.py."""

from ioc.api.links import CentreState, shown
from ioc.store.links import Link
from tests.fakes.things import NOW


def test_a_centre_is_told_with_its_link_and_its_counts() -> None:
    link = Link(centre="hoi-an", devices=3, fresh=0, stale=2, suspended=1, heard_at=NOW)
    assert shown(link) == CentreState("hoi-an", "late", 3, 0, 2, 1, NOW)
