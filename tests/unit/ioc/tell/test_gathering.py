"""How a recipient's channels are found; what is gathered when is tried in tests/integration/test_teller.py."""

import datetime as dt

import asyncpg

from ioc.access.scope import EVERYTHING
from ioc.store import contacts
from ioc.store.database import Database, Transaction
from ioc.tell.gathering import NOBODY, Rules, route_of, routed
from ioc.tell.order import Hop
from tests.fakes.telling import AT
from tests.fakes.told_office import MAIL, SMS, Office


async def test_channels_that_are_not_here_are_passed_over(database: Database, admin: asyncpg.Connection) -> None:
    await Office(database, admin).person("lan", SMS, MAIL)
    async with database.transaction(EVERYTHING) as transaction:
        lan = (await contacts.of(transaction, ["lan"]))["lan"]
        rules = Rules(zone=dt.UTC, known=("mail",))
        assert await route_of(transaction, lan, "severe", rules) == (Hop("mail", "lan@example.vn"),)
        assert (await routed(transaction, "lan", "minor", rules, AT)).hop == Hop("mail", "lan@example.vn")
        assert (await routed(transaction, "nobody", "minor", rules, AT)).reason == NOBODY


async def test_an_endpoint_is_where_it_says(database: Database) -> None:
    async def endpoint(transaction: Transaction, code: str) -> Hop | None:
        return Hop("mail", "truc@example.vn") if code == "a" else None

    async with database.transaction(EVERYTHING) as transaction:
        rules = Rules(zone=dt.UTC, endpoint=endpoint)
        assert (await routed(transaction, "@a", "minor", rules, AT)).hop == Hop("mail", "truc@example.vn")
        assert (await routed(transaction, "@b", "minor", rules, AT)).hop == Hop("webhook", "b")
