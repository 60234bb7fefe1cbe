"""How the routes about rules are attacked: by what would name, change or try the devices of the other centre."""

from collections.abc import Callable, Iterator
from typing import Any

from tests.fakes.attack_things import Attack, Things

PACK, CODE = "attacked", "river"
BODY: dict[str, Any] = {
    "category": "flood",
    "profile": "river-gauge",
    "property": "water_level",
    "title": "{name}",
    "title_en": "{name}",
    "levels": {"moderate": 1.0},
}
STEP = {"expected_version": 1, "reason": "an attack"}

FILL = """
insert into rules (pack, code, version, enabled) values ('attacked', 'river', 1, true) on conflict do nothing;
insert into rule_versions (pack, code, version, enabled, body, what, at, who, reason)
  select 'attacked', 'river', 1, true, '{"category": "flood", "profile": "river-gauge", "property": "water_level",
  "title": "{name}", "title_en": "{name}", "sources": ["gauge-one", "gauge-two", "cam-one", "cam-two"]}',
  'made', now(), '', '' on conflict do nothing;
"""
"""A rule that names things of both centres."""

OVERRIDE = """
insert into rule_overrides (pack, code, kind, subject, centre, area, first_version, body)
  values ('attacked', 'river', 'device', $1, $2, '502@2024-09-01', 1, '{"moderate": 1.0}')
"""


def _one(path: str) -> str:
    return path.replace("{pack}", PACK).replace("{code}", CODE)


def listed(path: str, other: Things) -> Iterator[Attack]:
    """All rules, and by what would name the other's device."""
    for query in ("", "?limit=500", f"?device={other.device}", f"?pack={PACK}"):
        yield Attack("GET", path + query)


def read(path: str, other: Things) -> Iterator[Attack]:
    """The rule that has limits of the other's device."""
    yield Attack("GET", _one(path))
    yield Attack("GET", f"{_one(path)}?limit=1" if path.endswith("versions") else f"{_one(path)}?version=1")


def changed(method: str, **more: Any) -> Callable[[str, Things], Iterator[Attack]]:
    """The whole rule, by who administers one centre: nobody of them may."""

    def attacks(path: str, other: Things) -> Iterator[Attack]:
        yield Attack(method, _one(path), STEP | more, hidden=True)

    return attacks


def made(path: str, other: Things) -> Iterator[Attack]:
    """A rule about the other's device."""
    body = BODY | {"pack": "own", "code": "own", "sources": [other.device]}
    yield Attack("POST", path, {"rule": body, "reason": "an attack", "enabled": True}, hidden=True)


def tried(path: str, other: Things) -> Iterator[Attack]:
    """What the other's device measured, through a rule that would tell of every value."""
    names = {"pack": PACK, "code": CODE}
    yield Attack("POST", path, names)
    yield Attack("POST", path, names | {"rule": BODY | {"sources": [other.device]}})
    yield Attack("POST", path, {"pack": "own", "code": "own", "rule": BODY})


def overridden(path: str, other: Things) -> Iterator[Attack]:
    """Limits of the other's device."""
    body = STEP | {"levels": {"moderate": 0.0}}
    yield Attack("PUT", _one(path).replace("{subject}", other.device), body, hidden=True)


def released(path: str, other: Things) -> Iterator[Attack]:
    """The end of the limits of the other's device."""
    query = "?expected_version=1&reason=an+attack"
    yield Attack("DELETE", _one(path).replace("{subject}", other.device) + query, hidden=True)


BASE = "/api/v1/rules"
ONE = f"{BASE}/{{pack}}/{{code}}"
RULES: dict[tuple[str, str], Callable[[str, Things], Iterator[Attack]]] = {
    ("get", BASE): listed,
    ("post", BASE): made,
    ("post", f"{BASE}/test"): tried,
    ("get", ONE): read,
    ("put", ONE): changed("PUT", rule=BODY),
    ("get", f"{ONE}/versions"): read,
    ("post", f"{ONE}/enable"): changed("POST"),
    ("post", f"{ONE}/disable"): changed("POST"),
    ("post", f"{ONE}/restore"): changed("POST", version=1),
    ("put", f"{ONE}/devices/{{subject}}"): overridden,
    ("delete", f"{ONE}/devices/{{subject}}"): released,
    ("put", f"{ONE}/areas/{{subject}}"): overridden,
    ("delete", f"{ONE}/areas/{{subject}}"): released,
}
"""By method and path, beside those of attack_world."""
