"""How the inbox and uploads are attacked: by persons of the other centre, and with uploads of another's."""

import uuid
from collections.abc import Callable, Iterator

from tests.fakes.attack_things import Attack, Things

INBOX, UPLOADS = "/api/v1/inbox", "/api/v1/uploads"


def waiting(path: str, other: Things) -> Iterator[Attack]:
    """What waits, as many as there may be."""
    for query in ("", "?limit=200"):
        yield Attack("GET", path + query)


def outline(path: str, other: Things) -> Iterator[Attack]:
    """The ground is everybody's; nothing of the other's stands on it."""
    yield Attack("GET", f"{path}?at=108.0,15.6")


def announce(path: str, other: Things) -> Iterator[Attack]:
    """An upload names nothing but its size."""
    yield Attack("POST", path)
    yield Attack("OPTIONS", path)


def upload(path: str, other: Things) -> Iterator[Attack]:
    """Uploads by ids of other things, and by one of nobody's."""
    for one in (other.media, other.incident, str(uuid.UUID(int=1))):
        yield Attack("GET", path.format(id=one), hidden=True)


RULES: dict[tuple[str, str], Callable[[str, Things], Iterator[Attack]]] = {
    ("get", INBOX): waiting,
    ("get", f"{INBOX}/outline"): outline,
    ("options", UPLOADS): announce,
    ("post", UPLOADS): announce,
    ("get", f"{UPLOADS}/{{id}}"): upload,
    ("patch", f"{UPLOADS}/{{id}}"): upload,
    ("delete", f"{UPLOADS}/{{id}}"): upload,
}
