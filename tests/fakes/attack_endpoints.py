"""How the routes about endpoints and web push are attacked: by persons of the other centre."""

from collections.abc import Callable, Iterator

import asyncpg

from tests.fakes.attack_things import Attack, Things
from tests.fakes.stations import SECRET

BASE = "/api/v1/endpoints"
PUSH = "/api/v1/push"


def code_of(centre: str) -> str:
    """The code of a centre's endpoint."""
    return f"hook-{centre}"


async def endpoint(owner: asyncpg.Connection, centre: str, mark: str) -> None:
    """A marked endpoint of a centre, which leads nowhere."""
    await owner.execute(
        "insert into endpoints (code, kind, centre, unit, name, address, secret, changed_at, changed_by) "
        "values ($1, 'webhook', $2, $3, $3, $4, $5, now(), $3)",
        code_of(centre), centre, mark, f"http://127.0.0.1:9/{mark}", SECRET,
    )  # fmt: skip


def one(path: str, other: Things) -> Iterator[Attack]:
    """An endpoint of the other centre, to be read and to be tried."""
    address = path.format(code=code_of(other.centre))
    if path.endswith("try"):
        yield Attack("POST", address, {}, hidden=True)
    else:
        yield Attack("GET", address, hidden=True)


def change(path: str, other: Things) -> Iterator[Attack]:
    """The other's endpoint changed, taken over, and one made in their centre."""
    plain = {"kind": "webhook", "name": "mine", "address": "http://127.0.0.1:9/mine", "secret": SECRET}
    address = path.format(code=code_of(other.centre))
    yield Attack("PUT", address, plain | {"expected_version": 1}, hidden=True)
    yield Attack("PUT", address, plain)
    yield Attack("PUT", path.format(code="new"), plain | {"centre": other.centre}, hidden=True)


def listed(path: str, other: Things) -> Iterator[Attack]:
    """All endpoints; all that is known of push."""
    yield Attack("GET", path)


def subscribe(path: str, other: Things) -> Iterator[Attack]:
    """A browser that would be told of the other's tickets: whatever it is, it is told its own person's alone."""
    keys = {"p256dh": "x", "auth": "x"}
    yield Attack("POST", path, {"endpoint": "https://push.test/1", "keys": keys})


def unsubscribe(path: str, other: Things) -> Iterator[Attack]:
    """Somebody else's browser."""
    yield Attack("POST", path, {"endpoint": "https://push.test/1"}, hidden=True)


RULES: dict[tuple[str, str], Callable[[str, Things], Iterator[Attack]]] = {
    ("get", BASE): listed,
    ("get", f"{BASE}/{{code}}"): one,
    ("put", f"{BASE}/{{code}}"): change,
    ("post", f"{BASE}/{{code}}/try"): one,
    ("get", PUSH): listed,
    ("post", PUSH): subscribe,
    ("post", f"{PUSH}/unsubscribe"): unsubscribe,
}
