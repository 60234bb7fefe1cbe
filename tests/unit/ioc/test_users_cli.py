"""`ioc user` on a real database."""

import argparse
import io
import uuid
from collections.abc import Awaitable, Callable

import pytest

from ioc import users_arguments, users_cli
from ioc.access.passwords import verify
from ioc.access.scope import EVERYTHING
from ioc.access.tokens import digest
from ioc.settings import Settings, SettingsError
from ioc.store import factors, invites, people, sessions, tokens
from ioc.store.database import Database
from tests.conftest import Fresh
from tests.fakes.http_centre import now

Run = Callable[..., Awaitable[str]]


@pytest.fixture
def run(fresh: Fresh, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    parser = argparse.ArgumentParser()
    users_arguments.describe(parser)

    async def run(words: str, typed: str = "") -> str:
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        await users_cli.work(parser.parse_args(words.split()), now)(Settings(database_url=fresh.url()))
        return capsys.readouterr().out

    return run


async def test_a_new_deployment_has_no_account_until_one_is_made(run: Run, database: Database) -> None:
    assert await run("list") == ""
    out = await run("add lan --role admin --name Lan --url https://ioc.example/")
    link = out.splitlines()[0]
    assert link.startswith("https://ioc.example/invite#")
    async with database.transaction(EVERYTHING) as transaction:
        found = await invites.invited(transaction, digest(link.split("#")[1]), now())
        assert found is not None
        assert (found.person.login, found.password_hash) == ("lan", None)
    assert await run("list") == "lan\tadmin\t*\tno-password,invited\tLan\n"


async def test_a_password_comes_on_standard_input_and_weak_ones_change_nothing(run: Run, database: Database) -> None:
    await run("add lan --role operator --centre hoi-an --password", "a fine day on the river\n")
    async with database.transaction(EVERYTHING) as transaction:
        account = await people.by_login(transaction, "lan")
        assert account is not None
        assert verify(account.password_hash, "a fine day on the river")
        await sessions.open_session(transaction, account.id, b"s", now(), now().replace(year=2100))
    for weak in ("short", "matkhau123456", "lan-lan-lan-lan"):
        with pytest.raises(SettingsError, match="nothing was changed"):
            await run("password lan", weak + "\n")
    assert "1 sessions ended" in await run("password lan", "another day on the river\n")


async def test_disabling_factors_and_sessions(run: Run, database: Database) -> None:
    await run("add lan --role viewer")
    async with database.transaction(EVERYTHING) as transaction:
        account = await people.by_login(transaction, "lan")
        assert account is not None
        await factors.begin(transaction, account.id, b"k" * 20, now())
        await factors.confirm(transaction, account.id, now())
        await sessions.open_session(transaction, account.id, b"s", now(), now().replace(year=2100))
    assert "1 sessions ended" in await run("sessions lan --end")
    await run("second-factor reset lan")
    with pytest.raises(SettingsError, match="no second factor"):
        await run("second-factor reset lan")
    await run("disable lan")
    assert "disabled" in await run("list")
    await run("enable lan")
    assert "disabled" not in await run("list")


async def test_tokens_are_printed_once_listed_and_taken_back(run: Run, database: Database) -> None:
    await run("add gateway --role viewer --program")
    text = (await run("token add gateway --label x --scope see:incident --days 3")).strip()
    listed = (await run("token list gateway")).strip().split("\t")
    assert listed[2:] == ["see:incident", "x"]
    assert text not in "".join(listed)
    async with database.transaction(EVERYTHING) as transaction:
        found = await tokens.by_token(transaction, digest(text), now())
        assert found is not None
        assert found.scopes == ("see:incident",)
    await run(f"token revoke gateway {listed[0]}")
    with pytest.raises(SettingsError, match="no token"):
        await run(f"token revoke gateway {uuid.uuid4()}")
    with pytest.raises(SettingsError, match="no scope"):
        await run("token add gateway --label x --scope everything")


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("disable nobody", "no account"),
        ("add lan --role viewer --centre atlantis", "no centre"),
        ("add lan --role viewer --area atlantis", "area"),
    ],
)
async def test_what_is_not_there_is_named(run: Run, words: str, why: str) -> None:
    with pytest.raises(SettingsError, match=why):
        await run(words)
