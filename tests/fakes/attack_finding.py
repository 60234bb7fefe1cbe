"""How the search and people's layouts are attacked: what one looks for is the other centre's, by every name of it."""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

from tests.fakes.attack_things import Attack, Things

SEARCH, LAYOUT = "/api/v1/search", "/api/v1/account/layout"
_VIEW = {"centre": [108.1, 15.6], "zoom": 9}
_LAYOUT: dict[str, Any] = {"name": "x", "view": _VIEW}


def search(path: str, other: Things) -> Iterator[Attack]:
    """By codes, by beginnings of words that each thing has, by numbers of tickets, by a place."""
    for text in (other.device, other.camera, other.centre, "tram", "camera", "su co", "a", "n", "t", "1", "2", "#1"):
        yield Attack("GET", f"{path}?q={quote(text)}&limit=50")
    yield Attack("GET", f"{path}?q=15.9%2C108.3")


def read(path: str, other: Things) -> Iterator[Attack]:
    """One's own: the address names nobody."""
    yield Attack("GET", path)


def put(path: str, other: Things) -> Iterator[Attack]:
    """One's own, with the other centre's things in the filter."""
    chosen = {"filter": {"centre": [other.centre]}}
    yield Attack("PUT", path, {"expected_version": 0, "layout": {"layouts": [_LAYOUT | chosen]}})


RULES: dict[tuple[str, str], Callable[[str, Things], Iterator[Attack]]] = {
    ("get", SEARCH): search,
    ("get", LAYOUT): read,
    ("put", LAYOUT): put,
}
"""By method and path, beside those of attack_world."""
