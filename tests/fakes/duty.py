"""A centre with all units of the shipped policy, and people who work for two of them."""

import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from ioc import data
from ioc.access.policy import Person
from ioc.access.scope import EVERYTHING
from ioc.access.tokens import digest
from ioc.store import people, tickets
from ioc.store.tokens import create_token
from tests.fakes.http_centre import Centre, now, running_centre
from tests.fakes.tickets import ticket

TEAMS, DUTIES, UNITS, POLICY = "/api/v1/teams", "/api/v1/duties", "/api/v1/units", "/api/v1/ticket-policy"

WORKERS = (
    ("an", "district", "hoi-an", ()),
    ("binh", "district", "hoi-an", ()),
    ("chi", "district", "dai-loc", ()),
    ("ward", "operator", None, ("20335@2025-07-01",)),
    ("keeper", "registrar", "hoi-an", ()),
)


@asynccontextmanager
async def with_units(url_of: Callable[[str], str], folder: Path, **options: Any) -> AsyncIterator[Centre]:
    """The running server with the twelve centres, and persons who have tokens by their login."""
    async with running_centre(url_of, folder, **options) as centre:
        for one in data.centres():
            await centre.owner.execute(
                "insert into centres values ($1, $2, $3, $4) on conflict do nothing",
                one.code, one.name, one.name_en, one.kind,
            )  # fmt: skip
        for login, role, home, areas in WORKERS:
            await account(centre, Person(
                login=login, name=login.title(), role=role, centre=home, language="vi", areas=areas,
            ))  # fmt: skip
        yield centre


async def account(centre: Centre, person: Person) -> None:
    """An account with a token."""
    centre.tokens[person.login] = uuid.uuid4().hex
    async with centre.database.transaction(EVERYTHING) as transaction:
        made = await people.create_account(transaction, uuid.uuid4(), person, "-", now())
        await create_token(transaction, made, digest(centre.tokens[person.login]), "test", now())


async def disabled(centre: Centre, login: str) -> None:
    """An account that works no longer."""
    await centre.owner.execute("update accounts set disabled_at = now() where login = $1", login)


async def put_ticket(centre: Centre, unit: str, home: str, **changed: Any) -> int:
    """A ticket of a unit, new unless something else is said; its number."""
    async with centre.database.transaction(EVERYTHING) as transaction:
        [number] = await tickets.numbers(transaction, 1)
        at = {name: now() for name in ("opened_at", "received_at", "updated_at")}
        plain = {"number": number, "unit": unit, "centre": home, "accept_by": None, "due_at": None, **at}
        one = ticket(**plain | {"id": str(uuid.uuid4()), "incident": str(uuid.uuid4())} | changed)
        assert await tickets.add(transaction, [one])
    return number
