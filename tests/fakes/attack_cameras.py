"""How the routes about cameras' addresses are attacked: by persons of the other centre."""

from collections.abc import Callable, Iterator

from tests.fakes.attack_things import Attack, Things

ADDRESS = "/api/v1/cameras/{code}/address"
PROBE = "/api/v1/cameras/probe"


def address(path: str, other: Things) -> Iterator[Attack]:
    """The other's camera sent elsewhere, and taken off the watch."""
    for url in ("rtsp://10.20.0.7/mine", ""):
        yield Attack("PUT", path.format(code=other.camera), {"url": url, "user": "u", "password": "p"}, hidden=True)


def probe(path: str, other: Things) -> Iterator[Attack]:
    """What is called is judged apart (A6); nothing of the register is told."""
    yield Attack("POST", path, {"address": f"rtsp://127.0.0.1/{other.camera}"})


RULES: dict[tuple[str, str], Callable[[str, Things], Iterator[Attack]]] = {
    ("put", ADDRESS): address,
    ("post", PROBE): probe,
}
