"""Routes of files are what they say."""

from ioc.api.listing_imports import _operations
from ioc.api.register_files import FILTERS


def test_every_route_is_described_once_and_asks_for_the_right_to_register_or_export() -> None:
    operations = _operations()
    assert len({(one.method, one.path) for one in operations}) == len(operations) == 6
    assert {one.may.act for one in operations if one.may is not None} == {"register", "export"}
    export = next(one for one in operations if one.path.endswith("/export"))
    assert tuple(export.query) == FILTERS
    assert all(one.path.startswith("/api/v1/register/") for one in operations)
