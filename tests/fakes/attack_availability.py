"""How the routes of availability are attacked: they must count and name nothing of the other centre."""

from collections.abc import Callable, Iterator

from tests.fakes.attack_things import Attack, Things

BASE = "/api/v1/availability"


def availability(path: str, other: Things) -> Iterator[Attack]:
    """By unit and one by one; PostgreSQL itself entered when the other's things worked."""
    for query in ("", "?by=unit", "?by=device", "?by=device&subject=camera"):
        yield Attack("GET", path + query)


RULES: dict[tuple[str, str], Callable[[str, Things], Iterator[Attack]]] = {
    ("get", BASE): availability,
    ("get", f"{BASE}/export"): availability,
}
