"""How the routes about keys at the broker are attacked: for the devices and cameras of the other centre."""

from collections.abc import Callable, Iterator

from tests.fakes.attack_things import Attack, Things


def key(path: str, other: Things) -> Iterator[Attack]:
    """A key for what is not one's own, by its code and by codes of other things in its place."""
    for code in (other.device, other.camera, other.incident):
        yield Attack("POST", path.format(code=code), {}, hidden=True)


def withdrawn(path: str, other: Things) -> Iterator[Attack]:
    """The other's device shut out of the broker."""
    for code in (other.device, other.camera):
        yield Attack("DELETE", path.format(code=code), hidden=True)


_PATHS = ("/api/v1/devices/{code}/key", "/api/v1/cameras/{code}/key")

RULES: dict[tuple[str, str], Callable[[str, Things], Iterator[Attack]]] = {
    **{("post", path): key for path in _PATHS},
    **{("delete", path): withdrawn for path in _PATHS},
}
