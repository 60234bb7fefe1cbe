"""`ioc areas` and `ioc centre` on a real database."""

import argparse
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import asyncpg
import pytest

from gis.position import Position
from ioc import areas_arguments, areas_cli
from ioc.access.scope import EVERYTHING
from ioc.settings import Settings, SettingsError
from ioc.store import registry
from ioc.store.database import Database
from tests.conftest import Fresh
from tests.fakes import squares, things

Run = Callable[..., Awaitable[list[str]]]


@pytest.fixture
def run(migrated: Fresh, capsys: pytest.CaptureFixture[str]) -> Run:
    parser = argparse.ArgumentParser()
    both = parser.add_subparsers()
    areas_arguments.describe_areas(both.add_parser("areas"))
    areas_arguments.describe_centres(both.add_parser("centre"))

    async def run(words: str, url: str = migrated.url()) -> list[str]:
        await areas_cli.work(parser.parse_args(words.split()), lambda: squares.AFTER)(Settings(database_url=url))
        return capsys.readouterr().out.splitlines()

    return run


@pytest.fixture
async def admin(migrated: Fresh) -> AsyncIterator[asyncpg.Connection]:
    async with Database.open(migrated.url(), size=1) as database:
        await squares.settle(database)
        async with database.transaction(EVERYTHING) as transaction:
            at = Position(lon=100.5, lat=15.5)
            one = things.device("gauge-a", centre="tam-ky", area="A@2024-09-01", position=at)
            await registry.put_device(transaction, one, kind="x", approximate=False, note="", now=squares.BEFORE)
    connection = await asyncpg.connect(migrated.url("postgres"))
    yield connection
    await connection.close()


def joined(folder: Path) -> Path:
    return squares.written(folder, "joined", *squares.JOINED.units, centres={"E": "hoi-an"})


async def test_a_dry_run_says_what_loading_does_and_does_nothing(
    run: Run, admin: asyncpg.Connection, tmp_path: Path
) -> None:
    file = joined(tmp_path)
    tried = await run(f"areas load {file} --dry-run")
    assert await admin.fetchval("select count(*) from areas") == 3
    assert tried.pop() == areas_cli.DRY
    done = await run(f"areas load {file}")
    assert tried == done
    assert done[:3] == [
        "joined of 2025-07-01: 1 units entered, 2 closed, 1 kept",
        "A@2024-09-01\tE@2025-07-01\t100.0% of the old\t50.0% of the new",
        "B@2024-09-01\tE@2025-07-01\t100.0% of the old\t50.0% of the new",
    ]
    assert done[3:] == [
        "moved: 1 device, 0 undecided",
        "device\tgauge-a\tA@2024-09-01 -> E@2025-07-01\ttam-ky -> hoi-an",
    ]
    assert await run(f"areas load {file}") == ["joined was loaded before: nothing changed"]
    listed = await run("areas report")
    assert [line.split("\t")[0] for line in listed] == ["joined", "first"]
    assert any("gauge-a" in line for line in await run("areas report joined"))
    topics = await run("centre topics")
    assert topics == ["gauge-a\ttam-ky\tsince 2025-07-02"]
    assert await run("centre topics --end gauge-a") == []
    acts = await admin.fetch("select act from audit where thing = 'gauge-a' order by id")
    assert [row["act"] for row in acts] == ["device.move", "topic.end"]


async def test_merging_says_what_moves(run: Run, admin: asyncpg.Connection) -> None:
    tried = await run("centre merge tam-ky hoi-an --dry-run")
    assert await admin.fetchval("select centre from devices") == "tam-ky"
    done = await run("centre merge tam-ky hoi-an")
    assert tried == [*done, areas_cli.DRY]
    assert done == [
        "tam-ky goes into hoi-an: 1 areas",
        "moved: 1 device, 0 undecided",
        "device\tgauge-a\tA@2024-09-01 -> A@2024-09-01\ttam-ky -> hoi-an",
        "# 1 may speak under ioc/v1/tam-ky/… until `ioc centre topics --end CODE` says otherwise",
    ]
    assert await run("centre merge tam-ky hoi-an") == ["tam-ky went into hoi-an before: nothing changed"]


async def test_what_cannot_be_is_one_sentence_and_changes_nothing(
    run: Run, admin: asyncpg.Connection, tmp_path: Path
) -> None:
    (tmp_path / "bad.toml").write_text("release = 1")
    for words, why in (
        (f"areas load {tmp_path}/none.toml", "cannot be read .*; nothing was changed"),
        (f"areas load {tmp_path}/bad.toml", "the head of bad.toml cannot be used.*; nothing was changed"),
        (
            f"areas load {squares.written(tmp_path, 'odd', *squares.CUT.units, successors={'Z': ['C']})}",
            "unit Z is said",
        ),
        ("areas report none", "there is no release 'none'"),
        ("centre merge tam-ky atlantis", "no centre 'atlantis'.*; nothing was changed"),
        ("centre topics --end gauge-a", "gauge-a has no former topic"),
    ):
        with pytest.raises(SettingsError, match=why):
            await run(words)
    with pytest.raises(SettingsError, match="IOC_DATABASE_URL is missing"):
        await run("areas report", url="")
    assert await admin.fetchval("select count(*) from area_releases") == 1
