"""What the route of releases answers."""

import msgspec

from ioc.api.models_releases import AreaReleases, MovedThing
from ioc.registration.resettling import Moved


def test_a_thing_that_moved_has_the_members_of_the_report() -> None:
    assert MovedThing.__struct_fields__ == Moved.__struct_fields__


def test_no_releases_are_an_empty_list() -> None:
    assert msgspec.json.encode(AreaReleases(releases=[])) == b'{"releases":[]}'
