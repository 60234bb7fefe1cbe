"""Units over HTTP: all of them to everybody who sees tickets, their people to who works there."""

import datetime as dt
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from ioc.store.ticket_policies import shipped
from tests.conftest import Fresh
from tests.fakes.duty import UNITS, disabled, put_ticket, with_units
from tests.fakes.http_centre import Centre, now

HOUR = dt.timedelta(hours=1)


@pytest.fixture
async def centre(migrated: Fresh, tmp_path: Path) -> AsyncIterator[Centre]:
    async with with_units(migrated.url, tmp_path) as one:
        yield one


async def units(centre: Centre, who: str, query: str = "") -> dict[str, dict[str, Any]]:
    status, body, _ = await centre.get(UNITS + query, who)
    assert status == 200, body
    return {one["code"]: one for one in body["units"]}


async def test_every_unit_is_named_with_the_tickets_that_the_reader_sees(centre: Centre) -> None:
    await put_ticket(centre, "hoi-an", "hoi-an", accept_by=now() - HOUR)
    await put_ticket(centre, "hoi-an", "hoi-an", accept_by=now() + HOUR, due_at=now() + HOUR)
    await put_ticket(centre, "hoi-an", "hoi-an", state="working", accept_by=now() - HOUR, due_at=now() + HOUR)
    await put_ticket(centre, "hoi-an", "hoi-an", state="resolved", due_at=now() - HOUR, resolved_at=now())
    await put_ticket(centre, "pc07", "quang-nam", state="working", due_at=now() - HOUR)
    everything = await units(centre, "admin")
    assert list(everything) == [one.code for one in shipped().units]
    assert {code: (one["open"], one["late"]) for code, one in everything.items() if one["open"]} == {
        "hoi-an": (3, 1), "pc07": (1, 1),
    }  # fmt: skip
    own = await units(centre, "an")
    assert list(own) == list(everything), "work can be sent to any"
    assert (own["hoi-an"]["open"], own["pc07"]["open"]) == (3, 0)
    assert [code for code, one in own.items() if one["mine"]] == ["hoi-an"]
    assert not any(one["mine"] for one in (await units(centre, "ward")).values())


async def test_who_is_told_of_a_units_work_now_is_never_nobody(centre: Centre) -> None:
    assert all(one["on_duty"] is None for one in (await units(centre, "admin")).values()), "not asked for"
    told = await units(centre, "admin", "?duty=true")
    assert all(one["on_duty"] for one in told.values())
    assert [one["login"] for one in told["hoi-an"]["on_duty"]] == ["an", "binh", "district"]
    assert [one["name"] for one in told["quang-nam"]["on_duty"]] == ["Operator", "Ward"]
    own = await units(centre, "an", "?duty=true")
    assert [code for code, one in own.items() if one["on_duty"] is not None] == ["hoi-an"]


async def test_the_people_of_a_unit_are_those_who_may_work_on_its_tickets(centre: Centre) -> None:
    await disabled(centre, "binh")
    status, body, _ = await centre.get(f"{UNITS}/hoi-an/people", "an")
    assert status == 200
    assert [one["login"] for one in body["people"]] == ["admin", "an", "district", "ward"]
    assert ([one["login"] for one in body["on_duty"]], body["by"]) == (["an", "district"], "instead")
    for who, unit in (("chi", "hoi-an"), ("an", "quang-nam"), ("an", "nobody"), ("ward", "hoi-an")):
        assert (await centre.get(f"{UNITS}/{unit}/people", who))[0] == 404, (who, unit)
    assert (await centre.get(f"{UNITS}/hoi-an/people", "viewer"))[0] == 403


async def test_who_sees_no_tickets_sees_no_units(centre: Centre) -> None:
    assert (await centre.get(UNITS, "keeper"))[0] == 403
    assert (await centre.get(UNITS, "viewer"))[0] == 200
