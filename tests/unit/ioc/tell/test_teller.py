"""What the teller says of itself; what it does is tried in tests/integration/test_teller.py and _lives.py."""

import asyncpg

from ioc.store.database import Database
from tests.fakes.telling import notification
from tests.fakes.told_office import MAIL, Office


async def test_it_counts_what_it_did_and_names_the_newest_dead_letter(
    database: Database, admin: asyncpg.Connection
) -> None:
    office = Office(database, admin)
    await office.person("lan", MAIL)
    await office.tell(notification("lan"), notification("nobody"))
    await office.enqueue(notification("lan", at=office.at))
    await office.teller.look()
    told = office.teller.told()
    assert [told[f"tell_{name}"] for name in ("made", "told", "dead", "sent", "waiting", "dead_letters")] == [
        2, 1, 1, 1, 1, 1,
    ]  # fmt: skip
    assert str(told["tell_why"]).startswith("nobody was not told (")


async def test_a_quiet_teller_has_no_trouble_to_tell(database: Database, admin: asyncpg.Connection) -> None:
    office = Office(database, admin)
    assert not await office.teller.turn()
    await office.teller.look()
    assert "tell_why" not in office.teller.told()
