"""How the routes about silences are attacked: by persons of the other centre."""

import datetime as dt
import uuid
from collections.abc import Callable, Iterator

import asyncpg

from tests.fakes.attack_things import Attack, Things

BASE = "/api/v1/silences"


async def silenced(owner: asyncpg.Connection, centre: str, mark: str, alarm: str) -> str:
    """A marked silence of a centre that hid one of its alarms; its id."""
    silence = uuid.uuid4()
    await owner.execute(
        "insert into silences (id, centre, area, author, reason, sources, centres, worst, starts, until, created_at) "
        "values ($1, $2, '', $3, $3, array[$3], array[$2], 'severe', now(), now() + interval '1 hour', now())",
        silence, centre, mark,
    )  # fmt: skip
    await owner.execute(
        "insert into silenced (silence, alarm, at, severity) values ($1, $2, now(), 'severe')",
        silence, uuid.UUID(alarm),
    )  # fmt: skip
    return str(silence)


def silence(path: str, other: Things) -> Iterator[Attack]:
    """A silence of the other centre, what it hid, and its end."""
    address = path.format(id=other.silence)
    if path.endswith("end"):
        yield Attack("POST", address, {"expected_version": 1}, hidden=True)
    else:
        yield Attack("GET", address, hidden=True)


def listed(path: str, other: Things) -> Iterator[Attack]:
    """All silences of every state, and those before one of the other's."""
    for query in ("", "?state=all&limit=500", "?state=current", f"?state=all&before={other.silence}"):
        yield Attack("GET", path + query)


def new(path: str, other: Things) -> Iterator[Attack]:
    """A silence of the other's things, of their centre, and of everybody's."""
    until = (dt.datetime.now(dt.UTC) + dt.timedelta(hours=1)).isoformat()
    plain = {"reason": "quiet", "until": until}
    for more in ({"sources": [other.device]}, {"sources": [other.camera]}, {"centres": [other.centre]}):
        yield Attack("POST", path, plain | more)
    yield Attack("POST", path, plain | {"centres": ["quang-nam", "hoi-an"]})


RULES: dict[tuple[str, str], Callable[[str, Things], Iterator[Attack]]] = {
    ("get", BASE): listed,
    ("post", BASE): new,
    ("get", f"{BASE}/{{id}}"): silence,
    ("get", f"{BASE}/{{id}}/hidden"): silence,
    ("post", f"{BASE}/{{id}}/end"): silence,
}
