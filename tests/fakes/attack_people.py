"""How the routes about people and about the audit trail are attacked: by persons of the other centre."""

import uuid
from collections.abc import Callable, Iterator
from typing import Any

from tests.fakes.attack_things import Attack, Things

PASSWORD = {"password": "not the right one at all"}
TOKEN = {"label": "x", "scopes": ["see:incident"], "days": 1}
_NEW = {"login": "mallory", "name": "M", "role": "admin"}


def own(method: str, body: Any = None) -> Callable[[str, Things], Iterator[Attack]]:
    """One's own account: nothing of it names anybody else; an id is of nothing that is there."""

    def attacks(path: str, other: Things) -> Iterator[Attack]:
        yield Attack(method, path.format(id=uuid.uuid4()), body)

    return attacks


def theirs(method: str, body: Any = None) -> Callable[[str, Things], Iterator[Attack]]:
    """An account of the other centre, of each role: it must seem not to be there."""

    def attacks(path: str, other: Things) -> Iterator[Attack]:
        for role in ("admin", "operator", "viewer"):
            address = path.format(login=f"{other.centre}-{role}", id=uuid.uuid4())
            yield Attack(method, address, body, hidden=True)

    return attacks


def new_person(path: str, other: Things) -> Iterator[Attack]:
    """An account in the other centre, and one without any centre."""
    yield Attack("POST", path, {**_NEW, "centre": other.centre})
    yield Attack("POST", path, _NEW)


ACCOUNT, PEOPLE, AUDIT = "/api/v1/account", "/api/v1/people", "/api/v1/audit"
_ONE = f"{PEOPLE}/{{login}}"
RULES: dict[tuple[str, str], Callable[[str, Things], Iterator[Attack]]] = {
    ("get", "/api/v1/areas/labels"): own("GET"),
    ("get", "/api/v1/areas/releases"): own("GET"),
    ("post", "/api/v1/invite"): own("POST", {"secret": "x" * 43, "password": "a long enough phrase"}),
    ("get", ACCOUNT): own("GET"),
    ("patch", ACCOUNT): own("PATCH", {"language": "en"}),
    ("post", f"{ACCOUNT}/password"): own("POST", {"password": "wrong", "new": "a long enough phrase"}),
    ("post", f"{ACCOUNT}/factor"): own("POST", PASSWORD),
    ("post", f"{ACCOUNT}/factor/confirm"): own("POST", {"code": "000000"}),
    ("post", f"{ACCOUNT}/factor/remove"): own("POST", PASSWORD),
    ("post", f"{ACCOUNT}/recovery-codes"): own("POST", PASSWORD),
    ("get", f"{ACCOUNT}/sessions"): own("GET"),
    ("delete", f"{ACCOUNT}/sessions"): own("DELETE"),
    ("delete", f"{ACCOUNT}/sessions/{{id}}"): own("DELETE"),
    ("get", f"{ACCOUNT}/tokens"): own("GET"),
    ("post", f"{ACCOUNT}/tokens"): own("POST", TOKEN),
    ("delete", f"{ACCOUNT}/tokens/{{id}}"): own("DELETE"),
    ("get", PEOPLE): own("GET"),
    ("post", PEOPLE): new_person,
    ("get", _ONE): theirs("GET"),
    ("patch", _ONE): theirs("PATCH", {"name": "taken over"}),
    ("post", f"{_ONE}/invite"): theirs("POST"),
    ("delete", f"{_ONE}/factor"): theirs("DELETE"),
    ("get", f"{_ONE}/sessions"): theirs("GET"),
    ("delete", f"{_ONE}/sessions"): theirs("DELETE"),
    ("delete", f"{_ONE}/sessions/{{id}}"): theirs("DELETE"),
    ("get", f"{_ONE}/tokens"): theirs("GET"),
    ("post", f"{_ONE}/tokens"): theirs("POST", TOKEN),
    ("delete", f"{_ONE}/tokens/{{id}}"): theirs("DELETE"),
    ("get", AUDIT): own("GET"),
    ("get", f"{AUDIT}/export"): own("GET"),
    ("post", f"{AUDIT}/verify"): own("POST"),
    ("post", f"{AUDIT}/soc-test"): own("POST"),
}
"""By method and path, beside those of attack_world."""
