"""How the routes about dead letters are attacked: by persons of the other centre."""

from collections.abc import Callable, Iterator

from tests.fakes.attack_things import Attack, Things

BASE = "/api/v1/dead-letters"


def letter(path: str, other: Things) -> Iterator[Attack]:
    """A refused message of another's device, to be read and to be replayed."""
    yield Attack("POST" if path.endswith("replay") else "GET", path.format(number=other.letter), hidden=True)


def close(path: str, other: Things) -> Iterator[Attack]:
    """A message of another's device, closed by hand."""
    yield Attack("POST", path.format(number=other.letter), {"why": "because"}, hidden=True)


def letters(path: str, other: Things) -> Iterator[Attack]:
    """Refused messages: all of them, and by what would name the other's."""
    for query in ("", "?state=all&limit=1000", f"?source={other.device}", "?code=not_json", "?since=2020-01-01"):
        yield Attack("GET", path + query)


def replay_letters(path: str, other: Things) -> Iterator[Attack]:
    """Replaying others' messages by a filter."""
    for body in ({}, {"source": other.device}, {"code": "not_json", "limit": 200}):
        yield Attack("POST", path, body)


RULES: dict[tuple[str, str], Callable[[str, Things], Iterator[Attack]]] = {
    ("get", BASE): letters,
    ("get", f"{BASE}/{{number}}"): letter,
    ("post", f"{BASE}/{{number}}/replay"): letter,
    ("post", f"{BASE}/{{number}}/close"): close,
    ("post", f"{BASE}/replay"): replay_letters,
}
