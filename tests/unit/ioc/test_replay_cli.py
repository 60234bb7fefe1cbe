"""`ioc replay`: files and dead letters against a real PostgreSQL, twice without harm."""

import argparse
import base64
import datetime as dt
import json
from pathlib import Path
from typing import Any

import asyncpg
import msgspec
import pytest

from gis.observation import Refusal
from ioc.access.scope import EVERYTHING
from ioc.catalogue import profiles
from ioc.replay_arguments import describe
from ioc.replay_cli import recorded, work
from ioc.settings import Settings, SettingsError
from ioc.store import registry
from ioc.store.database import Database
from ioc.store.spool import Spool
from tests.conftest import Fresh
from tests.fakes.disk import FakeStore
from tests.fakes.store import batch, store
from tests.fakes.things import AI_NGHIA, NOW, device, reading

TOPIC = "ioc/v1/quang-nam/gauge-ai-nghia/readings"


def body(seq: int = 1, **changed: Any) -> dict[str, Any]:
    return {"at": "2026-11-22T01:00:00Z", "run": "b", "seq": seq, "values": {"water_level": 2}} | changed


def line(**members: Any) -> str:
    return json.dumps(members) + "\n"


@pytest.fixture
async def ready(fresh: Fresh, database: Database) -> Fresh:
    async with database.transaction(EVERYTHING) as transaction:
        await registry.put_centre(transaction, "quang-nam", "Q", "Q", "province", ["20335@2025-07-01"])
        await registry.put_device(transaction, device(), kind="gauge", approximate=False, note="", now=NOW)
    return fresh


async def run(fresh: Fresh, folder: Path, *words: str) -> None:
    parser = argparse.ArgumentParser()
    describe(parser)
    settings = Settings(state_dir=str(folder), database_url=fresh.url())
    await work(parser.parse_args(words), lambda: NOW)(settings)


async def refusal(fresh: Fresh, folder: Path, *words: str) -> str:
    """The sentence with which the command ends."""
    with pytest.raises((SettingsError, ExceptionGroup)) as told:
        await run(fresh, folder, *words)
    error: BaseException = told.value
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    assert isinstance(error, SettingsError)
    return str(error)


def test_a_line_holds_an_object_a_text_or_bytes_and_perhaps_its_arrival(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    path.write_text(
        line(topic="a", payload={"x": 1.50})
        + "\n"
        + line(topic="b", payload="tê", arrived_at="2026-11-21T08:00:00+07:00")
        + line(topic="c", payload_base64=base64.b64encode(b"\xff\0").decode())
    )
    got = list(recorded(path, lambda: NOW))
    assert [(one.topic, one.payload) for one in got] == [("a", b'{"x": 1.5}'), ("b", "tê".encode()), ("c", b"\xff\0")]
    assert [one.arrived_at for one in got] == [NOW, dt.datetime(2026, 11, 21, 1, tzinfo=dt.UTC), NOW]


@pytest.mark.parametrize(
    "bad", ["nope", "{}", line(topic="a"), line(topic="a", payload_base64="*"), line(topic=1, payload=""), "[" * 9999]
)
def test_a_line_that_is_none_is_named(tmp_path: Path, bad: str) -> None:
    path = tmp_path / "r.jsonl"
    path.write_text(line(topic="a", payload="x") + bad)
    lines = recorded(path, lambda: NOW)
    assert next(lines).topic == "a"
    with pytest.raises(SettingsError, match="line 2 of"):
        next(lines)


async def test_a_file_that_is_not_there_is_told(ready: Fresh, tmp_path: Path) -> None:
    assert "nowhere cannot be read" in await refusal(ready, tmp_path, "file", str(tmp_path / "nowhere"))
    assert "is no folder" in await refusal(ready, tmp_path, "spool", str(tmp_path / "nowhere"))


async def test_a_file_is_kept_once_and_what_is_refused_becomes_a_dead_letter(
    ready: Fresh, admin: asyncpg.Connection, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "r.jsonl"
    status = line(topic="ioc/v1/quang-nam/gauge-ai-nghia/status", payload={"online": True})
    path.write_text(
        "".join(line(topic=TOPIC, payload=body(seq)) for seq in (1, 2)) + line(topic="x", payload="") + status
    )
    await run(ready, tmp_path, "file", str(path))
    assert capsys.readouterr().out == "4 replayed: 2 kept, 0 repeated, 1 refused again; 1 hold nothing to keep\n"
    await run(ready, tmp_path, "file", str(path))
    assert "0 kept, 2 repeated" in capsys.readouterr().out
    assert await admin.fetchval("select count(*) from readings") == 2
    assert await admin.fetchval("select count(*) from audit where act = 'dead_letter.replay'") == 2


async def test_a_spool_that_was_left_goes_to_the_store_once(
    ready: Fresh, admin: asyncpg.Connection, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    away = FakeStore()
    away.refusal = "store_away"
    folder, left = (
        tmp_path / "spool",
        batch(reading(seq=1), reading(seq=2), refusals=(Refusal(topic="t", payload=b"x", code="c", reason="r"),)),
    )
    async with Spool.open(folder, 1 << 20, away, lambda: NOW) as spool:
        await spool.keep(left)
        await spool.keep(batch(reading(seq=2)))
        held = await refusal(ready, tmp_path, "spool", str(folder))
        assert "belongs to the running process" in held
    await run(ready, tmp_path, "spool", str(folder))
    assert capsys.readouterr().out == "2 kept, 1 repeated, 1 dead letters; 0 batches left\n"
    await run(ready, tmp_path, "spool", str(folder))
    assert capsys.readouterr().out == "0 kept, 0 repeated, 0 dead letters; 0 batches left\n"
    assert await admin.fetchval("select count(*) from readings") == 2


async def test_dead_letters_are_mended_once_their_device_is_known(
    fresh: Fresh, database: Database, admin: asyncpg.Connection, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    unknown = [
        Refusal(topic=TOPIC, payload=json.dumps(body(seq)).encode(), code="unknown_device", reason="r")
        for seq in (1, 2)
    ]
    long = Refusal(topic=TOPIC, payload=b"[" * 5000, code="not_json", reason="r")
    await store(database).keep(batch(refusals=(*unknown, long)))
    await run(fresh, tmp_path, "dead-letters")
    told = capsys.readouterr().out
    assert "3 replayed: 0 kept, 0 repeated, 2 refused again; 0 are mended, 1 were kept only in part" in told
    assert "register it" in told
    async with database.transaction(EVERYTHING) as transaction:
        await registry.put_centre(transaction, "quang-nam", "Q", "Q", "province", ["20335@2025-07-01"])
        await registry.put_device(transaction, device(), kind="gauge", approximate=False, note="", now=NOW)
    await run(fresh, tmp_path, "dead-letters", "--code", "unknown_device")
    assert "2 replayed: 2 kept, 0 repeated, 0 refused again; 2 are mended" in capsys.readouterr().out
    await run(fresh, tmp_path, "dead-letters", "--code", "unknown_device")
    assert "0 replayed" in capsys.readouterr().out
    await run(fresh, tmp_path, "dead-letters", "--code", "unknown_device", "--state", "all")
    assert "2 replayed: 0 kept, 2 repeated" in capsys.readouterr().out
    assert await admin.fetchval("select count(*) from dead_letters") == 3
    assert await admin.fetchval("select count(*) from dead_letters where mended_at is not null") == 2
    assert await admin.fetchval("select count(*) from readings") == 2


async def test_a_letter_of_a_gateway_is_mended_by_a_script_that_comes_later(
    ready: Fresh, database: Database, admin: asyncpg.Connection, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = """[profile.own]
name = "x"
name_en = "x"
codec = "lorawan-raw"
script = "own"
interval_s = 1
property.water_level = {name = "x", name_en = "x", unit = "m", min = 0, max = 9}
"""
    (tmp_path / "profiles.toml").write_text(own)
    (tmp_path / "codecs").mkdir()
    profile = msgspec.structs.replace(profiles()["river-gauge"], code="own")
    async with database.transaction(EVERYTHING) as transaction:
        raw = msgspec.structs.replace(device("raw", position=AI_NGHIA), profile=profile)
        await registry.put_device(transaction, raw, kind="gauge", approximate=False, note="", now=NOW)
    path = tmp_path / "r.jsonl"
    frame = {"at": "2026-11-22T01:00:00Z", "seq": 5, "run": "b", "hex": "07"}
    path.write_text(line(topic="ioc/v1/quang-nam/raw/readings", payload=frame))
    await run(ready, tmp_path, "file", str(path))
    assert await admin.fetchval("select code || source || centre from dead_letters") == "scriptrawquang-nam"
    (tmp_path / "codecs/own.js").write_text("function Decoder(bytes) { return {water_level: bytes[0]}; }")
    await run(ready, tmp_path, "dead-letters", "--source", "raw")
    assert "1 replayed: 1 kept, 0 repeated, 0 refused again; 1 are mended" in capsys.readouterr().out
    assert await admin.fetchval("select value from readings where seq = 5") == 7
