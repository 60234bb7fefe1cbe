"""Names of assets."""

import pytest

from ioc.api.wall import _ASSET


@pytest.mark.parametrize("name", ["index-1a2b.js", "fonts/Noto Sans Regular/0-255.pbf", "a/b@2x.png"])
def test_names_that_builds_make_are_taken(name: str) -> None:
    assert _ASSET.match(name)


@pytest.mark.parametrize("name", ["../x", "a/../x", ".env", "a/.env", "/x", "a//b", "a\\b", "a\n", "a\0", ""])
def test_names_that_leave_the_folder_or_hide_are_not(name: str) -> None:
    assert not _ASSET.match(name)
