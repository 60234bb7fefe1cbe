"""The answer of the search."""

import msgspec

from ioc.api.models_search import SearchOf


def test_nothing_found_is_an_empty_list() -> None:
    assert msgspec.json.encode(SearchOf(found=[])) == b'{"found":[]}'
