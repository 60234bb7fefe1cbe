"""Endpoints come back as they were kept, to who may see them."""

import datetime as dt

import msgspec

from ioc.access.scope import EVERYTHING, Scope
from ioc.store import endpoints
from ioc.store.database import Database
from ioc.tell.endpoint import Endpoint
from ioc.tell.template import Good
from tests.fakes.stations import endpoint, gateway

NOW = dt.datetime(2026, 11, 26, 1, 0, tzinfo=dt.UTC)


async def keep(database: Database, *made: Endpoint) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        for one in made:
            assert await endpoints.create(transaction, one)


async def test_an_endpoint_comes_back_as_it_was_kept(database: Database) -> None:
    hook = endpoint(changed_at=NOW, unit="so-nnmt").rotated("whsec_" + "QUJD" * 12, NOW)
    sms = gateway("https://sms.test", changed_at=NOW)
    assert sms.template is not None
    good = Good(member="a.0", equals=("1",), again=("2",))
    sms = msgspec.structs.replace(sms, template=msgspec.structs.replace(sms.template, good=good, accents=False))
    await keep(database, hook, sms)
    async with database.transaction(EVERYTHING, read_only=True) as transaction:
        assert await endpoints.one(transaction, "so-nnmt") == hook
        assert await endpoints.one(transaction, "sms") == sms
        assert await endpoints.listed(transaction) == [sms, hook]
        assert await endpoints.one(transaction, "none") is None


async def test_a_code_is_there_once(database: Database) -> None:
    await keep(database, endpoint())
    async with database.transaction(EVERYTHING) as transaction:
        assert not await endpoints.create(transaction, endpoint(name="other"))
    async with database.transaction(EVERYTHING, read_only=True) as transaction:
        kept = await endpoints.one(transaction, "so-nnmt")
    assert kept is not None
    assert kept.name == "Sở NNMT"


async def test_a_change_holds_at_once_and_what_is_switched_off_is_not_sent_to(database: Database) -> None:
    one = endpoint(changed_at=NOW)
    await keep(database, one)
    async with database.transaction(EVERYTHING) as transaction:
        assert await endpoints.enabled(transaction, one.code) == one
        changed = msgspec.structs.replace(one, enabled=False, address="https://new.test/", version=2)
        await endpoints.change(transaction, changed)
        assert await endpoints.one(transaction, one.code, lock=True) == changed
        assert await endpoints.enabled(transaction, one.code) is None


async def test_a_unit_is_told_by_its_enabled_endpoints(database: Database) -> None:
    await keep(
        database,
        endpoint(code="b", unit="hoi-an"), endpoint(code="a", unit="hoi-an"), endpoint(code="c", unit="tam-ky"),
        endpoint(code="d", unit="hoi-an", enabled=False), endpoint(code="e"),
    )  # fmt: skip
    async with database.transaction(EVERYTHING, read_only=True) as transaction:
        assert await endpoints.of_unit(transaction, "hoi-an") == ["a", "b"]
        assert await endpoints.of_unit(transaction, "") == []


async def test_the_way_to_an_endpoint_is_by_its_kind(database: Database) -> None:
    await keep(
        database,
        endpoint(), endpoint(code="list", kind="mail", address="to@example.vn", secret=""),
        endpoint(code="off", enabled=False),
        gateway("https://sms.test", code="unit-sms", address="+84901234567"), endpoint(code="1022", kind="channel"),
    )  # fmt: skip
    async with database.transaction(EVERYTHING, read_only=True) as transaction:
        found = {
            code: await endpoints.hop(transaction, code) for code in ("so-nnmt", "list", "unit-sms", "1022", "off")
        }
    told = {code: None if one is None else (one.channel, one.address) for code, one in found.items()}
    assert told == {
        "so-nnmt": ("webhook", "so-nnmt"), "list": ("mail", "to@example.vn"), "unit-sms": ("gateway", "unit-sms"),
        "1022": ("webhook", "1022"), "off": None,
    }  # fmt: skip


async def test_who_is_bound_to_a_centre_sees_its_endpoints_alone(database: Database) -> None:
    await keep(database, endpoint(code="a"), endpoint(code="b", centre="hoi-an"))
    async with database.transaction(Scope(frozenset({"hoi-an"})), read_only=True) as transaction:
        assert [one.code for one in await endpoints.listed(transaction)] == ["b"]
        assert await endpoints.one(transaction, "a") is None
