"""How the routes of an incident's life are attacked: steps of another's incident, and what would tell of it."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tests.fakes.attack_things import Attack, Things

BASE = "/api/v1/incidents/{id}"

Rule = Callable[[str, Things], Iterator[Attack]]


def step(more: Callable[[Things], Mapping[str, Any]] = lambda other: {}) -> Rule:
    """A step of another's incident, with the right version and with others."""

    def attacks(path: str, other: Things) -> Iterator[Attack]:
        for version in (1, 0, 2):
            body = {"expected_version": version, "why": "because", **more(other)}
            yield Attack("POST", path.format(id=other.incident), body, hidden=True)

    return attacks


def sight(path: str, other: Things) -> Iterator[Attack]:
    """That another's incident was seen."""
    yield Attack("POST", path.format(id=other.incident), {"version": 1}, hidden=True)


def comment(path: str, other: Things) -> Iterator[Attack]:
    """A comment on another's incident, with and without a version."""
    for more in ({}, {"expected_version": 1}):
        yield Attack("POST", path.format(id=other.incident), {"text": "hello", **more}, hidden=True)


def item(path: str, other: Things) -> Iterator[Attack]:
    """A step of the procedure of another's incident."""
    yield Attack("POST", path.format(id=other.incident), {"item": "verify", "done": True}, hidden=True)


def about(path: str, other: Things) -> Iterator[Attack]:
    """What is told of another's incident beside itself, also under ids of other things."""
    for one in (other.incident, other.alarm, other.waiting):
        yield Attack("GET", path.format(id=one), hidden=True)


def procedure(path: str, other: Things) -> Iterator[Attack]:
    """A procedure of all centres, changed by somebody of one."""
    yield Attack("PUT", path.format(category="flood"), {"expected_version": 0, "items": []}, hidden=True)


def link(path: str, other: Things) -> Iterator[Attack]:
    """Another's alarm that waits, put into another's incident."""
    for alarm in (other.waiting, other.alarm):
        yield Attack("POST", path.format(id=alarm), {"incident": other.incident}, hidden=True)


def link_all(path: str, other: Things) -> Iterator[Attack]:
    """Another's alarms that wait, put into another's incident together."""
    for alarms in ([other.waiting], [other.waiting, other.alarm], [other.alarm]):
        yield Attack("POST", path, {"incident": other.incident, "alarms": alarms}, hidden=True)


def alone(path: str, other: Things) -> Iterator[Attack]:
    """Another's alarm that waits, made an incident of its own."""
    yield Attack("POST", path.format(id=other.waiting), {}, hidden=True)


def listed(*queries: str) -> Rule:
    """A list that must not tell of others' things."""

    def attacks(path: str, other: Things) -> Iterator[Attack]:
        for query in ("", *queries):
            yield Attack("GET", path + query)

    return attacks


RULES: dict[tuple[str, str], Rule] = {
    **{
        ("post", f"{BASE}/{name}"): step()
        for name in ("acknowledge", "start", "resolve", "close", "reopen", "false-alarm", "undo")
    },
    ("post", f"{BASE}/severity"): step(lambda other: {"severity": "minor"}),
    ("post", f"{BASE}/title"): step(lambda other: {"title": "taken over"}),
    ("post", f"{BASE}/assign"): step(lambda other: {"to": f"{other.centre}-operator"}),
    ("post", f"{BASE}/merge"): step(lambda other: {"other": other.incident}),
    ("post", f"{BASE}/duplicate"): step(lambda other: {"of": other.incident}),
    ("post", f"{BASE}/split"): step(lambda other: {"alarms": [other.alarm]}),
    ("post", f"{BASE}/comment"): comment,
    ("post", f"{BASE}/checklist"): item,
    ("post", f"{BASE}/seen"): sight,
    ("get", f"{BASE}/timeline"): about,
    ("get", f"{BASE}/assignees"): about,
    ("get", "/api/v1/checklists"): listed(),
    ("put", "/api/v1/checklists/{category}"): procedure,
    ("get", "/api/v1/false-alarms"): listed("?days=366"),
    ("get", "/api/v1/matches"): listed("?limit=1000"),
    ("post", "/api/v1/matches/link"): link_all,
    ("post", "/api/v1/matches/{id}/link"): link,
    ("post", "/api/v1/matches/{id}/open"): alone,
}
"""By method and path, beside those of attack_world."""
