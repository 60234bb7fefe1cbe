"""`ioc device` on a real database."""

import argparse
from collections.abc import Awaitable, Callable
from pathlib import Path

import asyncpg
import pytest

from ioc import devices_arguments, devices_cli
from ioc.access.scope import EVERYTHING
from ioc.embedded import users
from ioc.registration.broker_key import fits
from ioc.settings import Settings, SettingsError
from ioc.store import centre_merges, certificates, keys
from ioc.store.database import Database
from tests.conftest import Fresh
from tests.fakes.http_centre import now
from tests.unit.ioc.registration.test_authority import request as certificate_request

Run = Callable[..., Awaitable[str]]
ADD = "add gauge-a --profile river-gauge --at 108.118,15.883"


@pytest.fixture
def run(fresh: Fresh, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    parser = argparse.ArgumentParser()
    devices_arguments.describe(parser)
    (tmp_path / "broker").mkdir()
    settings = Settings(database_url=fresh.url(), state_dir=str(tmp_path), broker_dir=str(tmp_path / "broker"))

    async def run(words: str) -> str:
        await devices_cli.work(parser.parse_args(words.split()), now)(settings)
        return capsys.readouterr().out

    return run


async def good(database: Database) -> dict[str, str]:
    async with database.transaction(EVERYTHING, read_only=True) as transaction:
        return await keys.good(transaction, now())


async def test_a_device_goes_from_draft_to_retired(run: Run, database: Database, admin: asyncpg.Connection) -> None:
    assert "is drafted in" in await run(ADD)
    login, key = (await run("key gauge-a")).strip().split("\t")
    assert await good(database) == {}
    assert await run("approve gauge-a") == "gauge-a is approved\n"
    assert fits(key, (await good(database))[login])
    assert await run("activate gauge-a --reason tried") == "gauge-a is active\n"
    assert "gauge-a stays good until gauge-a~ signs in" in await run("key gauge-a")
    assert (await run("list")).split("\t")[:5] == ["gauge-a", "device", "active", "dai-loc", "gauge-a~"]
    assert await run("list --lifecycle draft") == ""
    assert await run("suspend gauge-a --reason repair") == "gauge-a is suspended\n"
    assert await good(database) == {}
    await run("resume gauge-a")
    assert (await good(database)).keys() == {"gauge-a", "gauge-a~"}
    assert await run("withdraw gauge-a") == "gauge-a signs in at the broker no more\n"
    assert await good(database) == {}
    await run("retire gauge-a")
    told = str(await admin.fetch("select a::text from audit a")) + str(
        await admin.fetch("select l::text from register_log l")
    )
    assert all(f"key.{act}" in told for act in ("issue", "withdraw"))
    assert key not in told


async def test_a_centre_that_is_gone_leads_to_its_heir(run: Run, database: Database) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        await centre_merges.enter(transaction, "nong-son", "hoi-an", now(), "lan")
    with pytest.raises(SettingsError, match="'nong-son' went into hoi-an; give --centre hoi-an"):
        await run(f"{ADD} --centre nong-son")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("key none", "there is no device 'none'"),
        (ADD, "there is a device 'gauge-a' already"),
        (ADD.replace("gauge-a", "gauge-b").replace("river-gauge", "x-gauge"), "there is no profile"),
        (ADD.replace("gauge-a", "gauge-b").replace("108.118,15.883", "0,0"), "no area of ours is near"),
        (ADD.replace("gauge-a", "gauge-b").replace("108.118,15.883", "200,0"), "this is no place"),
        (ADD.replace("gauge-a", "gauge-b") + " --centre hoi-an", "does not serve"),
        ("suspend gauge-a", "is no step of what is draft"),
        ("withdraw gauge-a", "has neither key nor certificate"),
        ("adopt /nowhere", "cannot be read"),
        ("certificate gauge-a --csr /nowhere", "`ioc device ca` makes one"),
        ("ca", "give IOC_BROKER_DIR, and the broker's host name"),
        ("ca --host Đà", "neither a host name"),
    ],
)
async def test_what_cannot_be_done_is_said_in_one_sentence(run: Run, words: str, sentence: str) -> None:
    await run(ADD)
    with pytest.raises(SettingsError, match=sentence):
        await run(words)


async def test_keys_that_were_made_by_hand_are_taken_over(run: Run, database: Database, tmp_path: Path) -> None:
    await run(ADD)
    await run("approve gauge-a")
    file = tmp_path / "passwords"
    file.write_text(users.line("gauge-a", "old key") + users.line("gauge-z", "x") + "plain:text\n")
    out = await run(f"adopt {file}")
    assert out.splitlines() == [
        "1 devices keep the key that they have",
        "0 cameras keep the key that they have",
        "# not registered, and so let in no more: gauge-z",
    ]
    assert fits("old key", (await good(database))["gauge-a"])


async def test_a_certificate_is_signed_and_revoked_with_the_key(run: Run, database: Database, tmp_path: Path) -> None:
    assert "is what devices know the broker by" in await run("ca --host 127.0.0.1")
    await run(ADD)
    await run("approve gauge-a")
    (tmp_path / "one.csr").write_bytes(certificate_request())
    assert (await run(f"certificate gauge-a --csr {tmp_path / 'one.csr'}")).startswith("-----BEGIN CERTIFICATE-----")
    await run("withdraw gauge-a")
    async with database.transaction(EVERYTHING, read_only=True) as transaction:
        assert len(await certificates.revoked(transaction, now())) == 1
    (tmp_path / "bad.csr").write_text("no request")
    with pytest.raises(SettingsError, match="no certificate request"):
        await run(f"certificate gauge-a --csr {tmp_path / 'bad.csr'}")
    await run("retire gauge-a")
    for words in ("key gauge-a", f"certificate gauge-a --csr {tmp_path / 'one.csr'}"):
        with pytest.raises(SettingsError, match="approve it anew"):
            await run(words)
