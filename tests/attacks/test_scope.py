"""No centre sees another's things: every route x every role x every thing of the other centre (A4)."""

import asyncio
import sys
from collections import Counter

import pytest

from ioc.access.rights import allows
from tests.fakes.attack_world import PLACES, ROLES, RULES, Attack, World, tell


def routes(document: dict) -> set[tuple[str, str]]:
    """Method and path of every operation of the document."""
    return {(method, path) for path, methods in document["paths"].items() for method in methods}


async def test_every_route_of_the_document_has_a_rule(world: World) -> None:
    told = routes(await world.openapi())
    assert not told - RULES.keys(), "say in tests/fakes/attack_world.py how these new routes are attacked"
    assert not RULES.keys() - told, "these routes are gone from the document, and so must be their rules"


async def _state(world: World) -> list[tuple]:
    rows = await world.server.owner.fetch(
        "select i.id, i.version, i.status, i.owner, (select count(*) from incident_log l where l.incident = i.id) "
        "from incidents i order by i.id"
    )
    rows += await world.server.owner.fetch("select id, centre, version, author, until from silences order by id")
    rows += await world.server.owner.fetch("select id, state, round, told_by from messages order by id")
    rows += await world.server.owner.fetch("select id, recipient, read_at from notifications order by id")
    rows += await world.server.owner.fetch("select login, version, channels from contacts order by login")
    rows += await world.server.owner.fetch(
        "select t.id, t.version, t.state, t.unit, (select count(*) from ticket_log l where l.ticket = t.id) "
        "from tickets t order by t.id"
    )
    rows += await world.server.owner.fetch("select code, centre, version, address, secret from endpoints order by code")
    rows += await world.server.owner.fetch("select unit, code, version, name, members from teams order by unit, code")
    rows += await world.server.owner.fetch("select id, unit, login, until from duties order by id")
    for table in ("devices", "cameras"):
        rows += await world.server.owner.fetch(
            f"select code, centre, name, version, lifecycle from {table} order by code"
        )
    rows += await world.server.owner.fetch("select * from camera_addresses order by code")
    return [tuple(row) for row in rows]


async def test_no_role_of_one_centre_gets_at_a_thing_of_the_other(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    """Answers hold nothing of the other centre; what is asked for by its name seems not to be there."""
    before, leaks, tried, failed = await _state(world), [], 0, []
    statuses: Counter[int] = Counter()
    for own, other in (tuple(PLACES), tuple(PLACES)[::-1]):
        for role in ROLES:
            for (_, path), rule in RULES.items():
                for attack in rule(path, world.things[other]):
                    status, answer = await world.ask(attack, world.tokens[own, role])
                    tried += 1
                    statuses[status] += 1
                    told = world.things[other].leaks(answer, attack.said)
                    if told or (attack.hidden and status not in (403, 404)):
                        leaks.append((role, own, attack.method, attack.address, status, told))
                    if status >= 500:
                        failed.append((attack.address, status))
    with capsys.disabled():
        sys.stdout.write(f"\nleaks {len(leaks)} of {tried} requests; statuses {dict(sorted(statuses.items()))}\n")
    assert not leaks
    assert not failed
    assert tried > 1_000
    assert await _state(world) == before


AIMED_AT = (
    ("item", "/ogc/collections/{collection}/items/{fid}"),
    ("incident", "/api/v1/incidents/{id}"),
    ("timeline", "/api/v1/incidents/{id}/timeline"),
    ("matches", "/api/v1/matches"),
    ("readings", "/api/v1/devices/{code}/readings"),
    ("gaps", "/api/v1/devices/{code}/gaps"),
    ("all gaps", "/api/v1/gaps"),
    ("media", "/api/v1/media/{id}"),
    ("report", "/api/v1/reports/{id}"),
    ("reports", "/api/v1/reports"),
    ("notice", "/api/v1/notices/{id}"),
    ("notices", "/api/v1/notices"),
    ("items", "/ogc/collections/{collection}/items"),
    ("tile", "/ogc/collections/{collection}/tiles/WebMercatorQuad/{z}/{row}/{col}"),
    ("stream", "/api/v1/live"),
    ("silence", "/api/v1/silences/{id}"),
    ("hidden", "/api/v1/silences/{id}/hidden"),
    ("silences", "/api/v1/silences"),
    ("ticket", "/api/v1/tickets/{id}"),
    ("tickets", "/api/v1/tickets"),
    ("teams", "/api/v1/teams"),
    ("duties", "/api/v1/duties"),
    ("quality", "/api/v1/alarm-quality"),
    ("messages", "/api/v1/messages"),
    ("message", "/api/v1/messages/{id}"),
    ("its export", "/api/v1/alarm-quality/export"),
    ("past", "/api/v1/past"),
    ("past changes", "/api/v1/past/changes"),
    ("devices", "/api/v1/devices"),
    ("cameras", "/api/v1/cameras"),
    ("device", "/api/v1/devices/{code}"),
    ("camera", "/api/v1/cameras/{code}"),
    ("history", "/api/v1/devices/{code}/history"),
)
"""Routes whose attacks must be answered to whoever may see the thing."""


async def test_the_attacks_hit_what_they_aim_at(world: World) -> None:
    """The same requests, by a viewer of the whole installation and by the centre's own operator, are answered."""
    for centre, things in world.things.items():
        for rule_of, path in AIMED_AT:
            hit = 0
            for attack in RULES["get", path](path, things):
                _, answer = await world.ask(attack, world.tokens[centre, "operator"])
                hit += things.mark.encode() in answer
            assert hit, (centre, rule_of)


async def test_strangers_get_no_thing_at_all(world: World) -> None:
    open_ones = {
        (method, path)
        for path, methods in (await world.openapi())["paths"].items()
        for method, one in methods.items()
        if one.get("security") == []
    }
    assert open_ones == {
        ("post", "/api/v1/session"),
        ("post", "/api/v1/invite"),
        ("post", "/api/v1/enrol"),
        ("post", "/api/v1/enrol/collect"),
        ("post", "/api/v1/receipts/{token}"),
        ("get", "/healthz"),
        ("get", "/api/docs.css"),
    }
    for place, rule in RULES.items():
        for things in world.things.values():
            for attack in rule(place[1], things):
                status, answer = await world.ask(attack, None)
                assert not things.leaks(answer, attack.address)
                if place not in open_ones:
                    assert status in (401, 303), attack


async def test_a_stream_tells_only_of_its_own_centre(world: World) -> None:
    """Changes of both centres are told; each reader hears its own."""
    ours, theirs = world.things["quang-nam"], world.things["hoi-an"]
    heard: dict[str, bytes] = {}

    async def listen(role: str, started: asyncio.Event) -> None:
        headers = {"Authorization": f"Bearer {world.tokens['quang-nam', role]}"}
        async with world.server.http.get(world.server.url + "/api/v1/live", headers=headers) as answer:
            told = b""
            while answer.status == 200 and ours.change.encode() not in told:
                told += await answer.content.readany()
                if b"event: ready" in told:
                    started.set()
            started.set()
            heard[role] = told

    async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
        seeing = [role for role in ROLES if allows(role, "see", "incident")]
        ready = [asyncio.Event() for _ in seeing]
        for role, event in zip(seeing, ready, strict=True):
            tasks.create_task(listen(role, event), name=role)
        for event in ready:
            await event.wait()
        await tell(world.server, theirs)
        await tell(world.server, ours)
    assert any(ours.mark.encode() in told for told in heard.values())
    assert not [role for role, told in heard.items() if theirs.leaks(told, "")]


async def test_a_key_of_one_person_opens_no_answer_of_another(world: World) -> None:
    """An Idempotency-Key belongs to the person who used it first."""
    path = "/api/v1/incidents/{id}/acknowledge"
    ours = world.things["hoi-an"]
    attack = Attack("POST", path.format(id=ours.incident), {"expected_version": 1})
    key = {"Idempotency-Key": "one"}
    status, answer = await world.ask(attack, world.tokens["hoi-an", "operator"], **key)
    assert status == 200
    assert await world.ask(attack, world.tokens["hoi-an", "operator"], **key) == (status, answer)
    status, answer = await world.ask(attack, world.tokens["quang-nam", "operator"], **key)
    assert status == 404
    assert not ours.leaks(answer, attack.address)
