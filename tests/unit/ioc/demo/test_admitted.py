"""The demo's keys in the register."""

from ioc.access.scope import EVERYTHING
from ioc.catalogue import profiles
from ioc.demo.admitted import named, seed_keys
from ioc.demo.registry import registry
from ioc.demo.seed import seed_places, seed_register
from ioc.registration.broker_key import fits
from ioc.store import keys
from ioc.store.database import Database
from sensors.broker import Login
from tests.fakes.things import NOW
from tests.fakes.vaults import vault
from tests.unit.ioc.demo.test_seed import STREET


async def test_every_key_of_the_demo_is_entered_once_and_a_changed_one_stays(database: Database) -> None:
    shipped = registry()
    held = {code: f"key of {code}" for code in shipped.signing_in()}
    await seed_places(database)
    await seed_register(database, shipped, profiles(), STREET, NOW, vault())
    await seed_keys(database, shipped, held)
    async with database.transaction(EVERYTHING) as transaction:
        first = await keys.good(transaction, NOW)
        assert first.keys() == held.keys()
        assert all(fits(held[code], kept) for code, kept in first.items())
        behind = {one.code: sorted((each.centre, each.code) for each in one.devices) for one in shipped.gateways}
        told = await keys.behind(transaction)
        assert {code: sorted(of) for code, of in told.items()} == {code: of for code, of in behind.items() if of}
        code = shipped.devices[0].code
        thing = await keys.thing(transaction, "device", code)
        assert thing is not None
        await keys.withdraw(transaction, thing, NOW)
    await seed_keys(database, shipped, held)
    async with database.transaction(EVERYTHING) as transaction:
        assert await keys.good(transaction, NOW) == {name: kept for name, kept in first.items() if name != code}


def test_who_pushes_out_is_nobody_else() -> None:
    login = Login(host="h", port=1, user="u", password="p", client_id="")
    one, two = named(login), named(login)
    assert one.client_id != two.client_id
    assert (one.user, one.password, bool(one.client_id)) == ("u", "p", True)
