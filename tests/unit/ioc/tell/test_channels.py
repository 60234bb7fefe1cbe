"""The channels of an installation: which there are, what they read of endpoints, and settings that cannot be used."""

import datetime as dt
import json
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import msgspec
import pytest

from ioc.access.policy import Person
from ioc.access.scope import EVERYTHING
from ioc.outbound import Outbound
from ioc.settings import Settings, SettingsError
from ioc.store import endpoints, people, push_subscriptions
from ioc.store.database import Database
from ioc.tell import channels as room
from ioc.tell.channel import Accepted, Again, Refused, Told
from ioc.tell.channels import GATEWAYS, KEY, Channels, channels_of
from tests.contract.test_channel import MESSAGE
from tests.fakes.hook_receiver import receiving
from tests.fakes.post_office import mailing
from tests.fakes.push_service import Browser
from tests.fakes.stations import HERE, PHONE, WithoutTls, endpoint, gateway, now


@asynccontextmanager
async def built(database: Database, folder: Path, **changed: Any) -> AsyncIterator[Channels]:
    settings = Settings(state_dir=str(folder / "state"), **changed)
    async with Outbound.open(HERE) as outbound, channels_of(settings, outbound, database, now) as channels:
        yield channels


async def keep(database: Database, *made: Any) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        for one in made:
            assert await endpoints.create(transaction, one)


async def test_without_settings_there_are_those_that_endpoints_make(database: Database, tmp_path: Path) -> None:
    async with built(database, tmp_path) as channels:
        assert set(channels.by_name) == {"webhook", "gateway", *GATEWAYS}
        assert (channels.push_key, channels.links, channels.source) == ("", "", "/quang-nam")
        for name in GATEWAYS:
            assert isinstance(await channels.by_name[name].send(MESSAGE, PHONE), Again)
        assert isinstance(await channels.by_name["webhook"].send(MESSAGE, "so-nnmt"), Refused)
    assert not (tmp_path / "state" / KEY).exists()


async def test_mail_is_there_where_a_server_is_set(database: Database, tmp_path: Path) -> None:
    async with mailing() as office:
        url, sender = f"smtp+plain://127.0.0.1:{office.port}", "IOC <ioc@example.gov.vn>"
        async with built(database, tmp_path, smtp_url=url, smtp_sender=sender) as channels:
            assert isinstance(await channels.by_name["mail"].send(MESSAGE, "lan@example.vn"), Accepted)
    assert len(office.mailed) == 1


async def test_a_change_of_an_endpoint_holds_at_the_next_sending(database: Database, tmp_path: Path) -> None:
    async with receiving() as receiver, built(database, tmp_path, public_url="https://ioc.test/") as channels:
        receiver.answer = b'{"code": "100"}'
        hook, sms = endpoint(address=f"{receiver.url}/a"), gateway(receiver.url)
        await keep(database, hook, sms, gateway(receiver.url, code="unit", address="+84900000001"))
        assert await channels.by_name["webhook"].send(MESSAGE, "so-nnmt") == Told()
        assert await channels.by_name["sms"].send(MESSAGE, PHONE) == Accepted()
        assert await channels.by_name["gateway"].send(MESSAGE, "unit") == Accepted()
        assert [json.loads(one.body).get("to") for one in receiver.taken[1:]] == [PHONE, "+84900000001"]
        assert json.loads(receiver.taken[1].body)["back"].startswith("https://ioc.test/api/v1/receipts/")
        async with database.transaction(EVERYTHING) as transaction:
            await endpoints.change(transaction, msgspec.structs.replace(hook, address=f"{receiver.url}/b"))
            await endpoints.change(transaction, msgspec.structs.replace(sms, enabled=False))
        assert await channels.by_name["webhook"].send(MESSAGE, "so-nnmt") == Told()
        assert receiver.taken[-1].path == "/b"
        assert isinstance(await channels.by_name["sms"].send(MESSAGE, PHONE), Again)


@pytest.mark.parametrize("code", ["none", "so-nnmt", "sms"])
async def test_a_unit_without_a_number_is_not_told_by_a_gateway(database: Database, tmp_path: Path, code: str) -> None:
    await keep(database, endpoint(), gateway("http://127.0.0.1:9"))
    async with built(database, tmp_path) as channels:
        assert isinstance(await channels.by_name["gateway"].send(MESSAGE, code), Refused)


async def test_while_postgresql_does_not_tell_where_to_it_is_tried_again(
    database: Database, admin: asyncpg.Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "FIND_S", 0.2)
    async with built(database, tmp_path) as channels:
        async with admin.transaction():
            await admin.execute("lock table endpoints in access exclusive mode")
            outcome = await channels.by_name["webhook"].send(MESSAGE, "so-nnmt")
        assert isinstance(outcome, Again)
        assert "PostgreSQL" in outcome.reason
        assert isinstance(await channels.by_name["webhook"].send(MESSAGE, "so-nnmt"), Refused)


async def test_web_push_reaches_the_browsers_of_a_login_and_forgets_those_that_are_gone(
    database: Database, tmp_path: Path
) -> None:
    browser = Browser("https://push.test/1")
    async with database.transaction(EVERYTHING) as transaction:
        person = Person(login="lan", name="Lan", role="operator", centre=None, language="vi")
        account = await people.create_account(transaction, uuid.uuid4(), person, "-", now())
        await push_subscriptions.subscribe(transaction, account, browser.subscription, "", now())
    settings = Settings(state_dir=str(tmp_path / "state"), push_hosts="push.test", public_url="https://ioc.test")
    async with receiving() as receiver, Outbound.open(HERE) as outbound:
        receiver.status = 201
        out: Any = WithoutTls(outbound, receiver.url)
        async with channels_of(settings, out, database, now) as channels:
            assert (tmp_path / "state" / KEY).exists()
            assert len(channels.push_key) == 87
            assert await channels.by_name["push"].send(MESSAGE, "lan") == Accepted()
            assert json.loads(browser.open(receiver.taken[0].body))["id"] == MESSAGE.id
            receiver.fails = lambda number: "410"
            assert isinstance(await channels.by_name["push"].send(MESSAGE, "lan"), Refused)
    async with database.transaction(EVERYTHING, read_only=True) as transaction:
        assert await push_subscriptions.of_login(transaction, "lan") == []


async def test_a_key_that_cannot_be_used_is_said_at_the_start(database: Database, tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / KEY).write_text("nonsense")
    with pytest.raises(SettingsError, match="key of web push"):
        async with built(database, tmp_path, push_hosts="push.test", public_url="https://ioc.test"):
            pass


async def test_what_an_endpoint_is_tried_with_needs_a_mail_server_and_a_template(
    database: Database, tmp_path: Path
) -> None:
    moment = dt.datetime(2026, 11, 26, tzinfo=dt.UTC)
    async with built(database, tmp_path) as channels:
        for one, word in (
            (endpoint(kind="mail", address="to@example.vn", secret="", changed_at=moment), "IOC_SMTP_URL"),
            (endpoint(kind="gateway"), "template"),
        ):
            outcome = await channels.tried(one, MESSAGE)
            assert isinstance(outcome, Refused)
            assert word in outcome.reason
