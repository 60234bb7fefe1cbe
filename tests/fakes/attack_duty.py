"""How the routes about units, teams, rosters and the policy are attacked: by persons of the other centre."""

from collections.abc import Callable, Iterator

import asyncpg

from ioc.access.scope import Thing
from ioc.store.ticket_policies import body_of, shipped
from tests.fakes.attack_things import Attack, Things
from tests.fakes.http_centre import new_id, now
from tests.fakes.scoped_duty import duty_row, team_row
from tests.fakes.scoped_rows import insert

POINTS = {"quang-nam": (108.1, 15.6), "hoi-an": (108.3, 15.9)}
HOURS = {"from": "2026-03-04T00:00:00Z", "until": "2026-03-04T08:00:00Z"}

Rule = Callable[[str, Things], Iterator[Attack]]


async def rostered(owner: asyncpg.Connection, centre: str, mark: str) -> str:
    """A marked team of a centre's unit, of which one marked person is on duty now; the id of that time."""
    duty, thing = new_id(), Thing("duty", centre, "")
    team = {"unit": centre, "name": mark, "members": [mark]}
    await insert(owner, "teams", team_row("ca-1", thing, now()) | team)
    await insert(owner, "duties", duty_row(duty, thing, now()) | {"unit": centre, "login": mark, "note": mark})
    return str(duty)


def units(path: str, other: Things) -> Iterator[Attack]:
    """All units, and who is on duty."""
    for query in ("", "?duty=true"):
        yield Attack("GET", path + query)


def people(path: str, other: Things) -> Iterator[Attack]:
    """The people of the other's unit."""
    yield Attack("GET", path.format(code=other.centre), hidden=True)


def teams(path: str, other: Things) -> Iterator[Attack]:
    """All teams, and those of the other's unit."""
    for query in ("", f"?unit={other.centre}"):
        yield Attack("GET", path + query)


def new_team(path: str, other: Things) -> Iterator[Attack]:
    """A team of the other's unit, with a code that is taken and one that is not."""
    for code in ("ca-1", "ca-2"):
        yield Attack("POST", path, {"unit": other.centre, "code": code, "name": "x", "members": [other.mark]})


def team(method: str) -> Rule:
    """Another's team."""

    def attacks(path: str, other: Things) -> Iterator[Attack]:
        body = {"expected_version": 1, "name": "x", "members": []} if method == "PUT" else None
        yield Attack(method, path.format(unit=other.centre, code="ca-1"), body, hidden=True)

    return attacks


def duties(path: str, other: Things) -> Iterator[Attack]:
    """All rosters, and those of the other's unit and people."""
    for query in ("", f"?unit={other.centre}", "?from=2026-01-01&to=2026-12-31", "?limit=2000"):
        yield Attack("GET", path + query)


def new_duty(path: str, other: Things) -> Iterator[Attack]:
    """A time on duty for the other's unit."""
    for who in ({"login": other.mark}, {"team": "ca-1"}):
        yield Attack("POST", path, {"unit": other.centre, "duties": [HOURS | who]})


def duty(path: str, other: Things) -> Iterator[Attack]:
    """Taking the other's people off duty."""
    for query in ("", "?later=true"):
        yield Attack("DELETE", path.format(id=other.duty) + query, hidden=True)


def policy(path: str, other: Things) -> Iterator[Attack]:
    """The policy is everybody's who sees tickets; it names no person."""
    for query in ("", "?version=1"):
        yield Attack("GET", path + query)


def versions(path: str, other: Things) -> Iterator[Attack]:
    """The history of the policy."""
    yield Attack("GET", path)


def new_policy(path: str, other: Things) -> Iterator[Attack]:
    """Another policy for everybody, by who administers one centre."""
    yield Attack("PUT", path, {"expected_version": 1, "why": "x", "policy": body_of(shipped())}, hidden=True)


def dry_run(path: str, other: Things) -> Iterator[Attack]:
    """Who would be told of something at a place of the other's."""
    lon, lat = POINTS[other.centre]
    yield Attack("POST", path, {"category": "flood", "severity": "severe", "lon": lon, "lat": lat})


RULES: dict[tuple[str, str], Rule] = {
    ("get", "/api/v1/units"): units,
    ("get", "/api/v1/units/{code}/people"): people,
    ("get", "/api/v1/teams"): teams,
    ("post", "/api/v1/teams"): new_team,
    ("put", "/api/v1/teams/{unit}/{code}"): team("PUT"),
    ("delete", "/api/v1/teams/{unit}/{code}"): team("DELETE"),
    ("get", "/api/v1/duties"): duties,
    ("post", "/api/v1/duties"): new_duty,
    ("delete", "/api/v1/duties/{id}"): duty,
    ("get", "/api/v1/ticket-policy"): policy,
    ("put", "/api/v1/ticket-policy"): new_policy,
    ("get", "/api/v1/ticket-policy/versions"): versions,
    ("post", "/api/v1/ticket-policy/dry-run"): dry_run,
}
