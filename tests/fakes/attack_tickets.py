"""How the routes about tickets are attacked: by persons of the other centre."""

import uuid
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import asyncpg

from ioc.access.scope import Thing
from tests.fakes.attack_things import Attack, Things
from tests.fakes.http_centre import new_id, now
from tests.fakes.scoped_rows import insert
from tests.fakes.scoped_tickets import line_row, stay_row, ticket_row

BASE = "/api/v1/tickets"

Rule = Callable[[str, Things], Iterator[Attack]]


async def ticket(owner: asyncpg.Connection, centre: str, mark: str, incident: str) -> str:
    """A marked ticket of a centre's unit with a line of its log; its id."""
    made, thing = new_id(), Thing("ticket", centre, "502@2024-09-01")
    marked = dict.fromkeys(("title", "title_en", "task", "owner", "team", "area_name", "waiting_why"), mark)
    lon, lat = {"quang-nam": (108.1, 15.6), "hoi-an": (108.3, 15.9)}[centre]
    place = {"unit": centre, "incident": uuid.UUID(incident), "geom": f"SRID=4326;POINT({lon} {lat})"}
    await insert(owner, "tickets", ticket_row(made, thing, now()) | marked | place)
    await insert(owner, "ticket_log", line_row(made, now()) | {"text": mark, "state": "new", "severity": "minor"})
    await insert(owner, "ticket_stays", stay_row(made, thing, now()) | {"unit": centre})
    return str(made)


def one(path: str, other: Things) -> Iterator[Attack]:
    """A ticket of the other centre, and ids of other things in its place."""
    for name in (other.ticket, other.incident, other.alarm):
        yield Attack("GET", path.format(id=name), hidden=True)


def listed(path: str, other: Things) -> Iterator[Attack]:
    """All tickets, and by everything that would name the other's."""
    queries = (
        "", "?limit=500", "?open=true", "?late=true", "?mine=true", f"?unit={other.centre}", f"?centre={other.centre}",
        f"?incident={other.incident}", "?state=new,cancelled", f"?after=9000-01-01T00:00:00Z_{other.ticket}",
    )  # fmt: skip
    for query in queries:
        yield Attack("GET", path + query)


def new(path: str, other: Things) -> Iterator[Attack]:
    """A ticket of the other's incident, at their unit and where the routes send it."""
    for more in ({}, {"unit": other.centre}, {"unit": "quang-nam", "task": "hello"}):
        yield Attack("POST", path, {"incident": other.incident, **more}, hidden=True)


def step(more: Callable[[Things], Mapping[str, Any]] = lambda other: {}) -> Rule:
    """A step of another's ticket, with the right version and with others."""

    def attacks(path: str, other: Things) -> Iterator[Attack]:
        for version in (1, 0, 2):
            body = {"expected_version": version, "why": "because", **more(other)}
            yield Attack("POST", path.format(id=other.ticket), body, hidden=True)

    return attacks


RULES: dict[tuple[str, str], Rule] = {
    ("get", BASE): listed,
    ("post", BASE): new,
    ("get", f"{BASE}/{{id}}"): one,
    **{
        ("post", f"{BASE}/{{id}}/{name}"): step()
        for name in ("accept", "refuse", "start", "wait", "resume", "verify", "close", "reopen", "cancel")
    },
    ("post", f"{BASE}/{{id}}/forward"): step(lambda other: {"unit": "quang-nam"}),
    ("post", f"{BASE}/{{id}}/assign"): step(lambda other: {"owner": f"{other.centre}-operator"}),
    ("post", f"{BASE}/{{id}}/resolve"): step(lambda other: {"result": "taken over"}),
    ("post", f"{BASE}/{{id}}/comment"): step(lambda other: {"text": "hello"}),
    ("post", f"{BASE}/{{id}}/sub"): step(lambda other: {"unit": "quang-nam", "task": "hello"}),
}
