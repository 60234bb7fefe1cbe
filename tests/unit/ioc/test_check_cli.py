"""`ioc check audit`: one sentence and an exit code."""

import asyncio
import io
from pathlib import Path

import asyncpg
import pytest

from ioc.access.scope import EVERYTHING
from ioc.audit.chain import Sealed
from ioc.audit.lines import ending, line
from ioc.check_cli import main
from ioc.sealer import Sealer, head_file
from ioc.store import audit
from ioc.store.audit import Deed
from ioc.store.database import Database
from tests.conftest import Fresh
from tests.fakes.trail import AT, chain


def export(path: Path, rows: list[Sealed]) -> str:
    path.write_bytes(b"".join([*(line(row) for row in rows), ending(len(rows), chain(6)[-1].head)]))
    return str(path)


def test_an_export_that_holds_is_0_and_says_up_to_where(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "--file", export(tmp_path / "a", chain(6)), "--head", str(chain(6)[3].head)]) == 0
    assert capsys.readouterr().out.startswith(
        "the export is whole: rows 1 to 6 are as they were sealed, the last is 6:"
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "rows were removed from the end"),
        (["--head", "3:" + "11" * 32], "row 3 (id 3) is not the row that was known under that number"),
        (["--head", "3"], "write it as SEQ:HASH"),
    ],
)
def test_what_does_not_hold_is_1_and_names_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    assert main(["audit", "--file", export(tmp_path / "a", chain(5)), *arguments]) == 1
    said = capsys.readouterr().out
    assert words in said
    assert len(said.splitlines()) == 1


def test_a_file_that_is_not_there_is_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "--file", str(tmp_path / "none")]) == 1
    assert "cannot be verified" in capsys.readouterr().out


async def test_the_database_is_verified_against_its_head_file(
    fresh: Fresh, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("os.environ", {"IOC_STATE_DIR": str(tmp_path), "IOC_DATABASE_URL": fresh.url()})
    async with Database.open(fresh.url(), size=2) as database:
        for _ in range(3):
            async with database.transaction(EVERYTHING) as transaction:
                await audit.record(transaction, Deed(act="x", who="a", kind="y"), AT)
        await Sealer(database, lambda: AT, head_file=head_file(tmp_path)).seal_all()
    assert await asyncio.to_thread(main, ["audit"]) == 0
    assert "the audit trail is whole: 4 rows" in capsys.readouterr().out
    connection = await asyncpg.connect(fresh.url("postgres"))
    await connection.execute("set session_replication_role = replica")
    await connection.execute("delete from audit where seq = 4")
    await connection.execute("update audit_head set seq = 3, hash = (select hash from audit where seq = 3)")
    await connection.close()
    assert await asyncio.to_thread(main, ["audit"]) == 1
    assert "row 4 was removed from the end" in capsys.readouterr().out


def test_a_database_that_is_away_is_1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(
        "os.environ", {"IOC_STATE_DIR": str(tmp_path), "IOC_DATABASE_URL": "postgresql://ioc_app:x@127.0.0.1:1/ioc"}
    )
    assert main(["audit"]) == 1
    assert "PostgreSQL cannot be asked" in capsys.readouterr().out
    monkeypatch.setattr("os.environ", {"IOC_STATE_DIR": str(tmp_path)})
    assert main(["audit"]) == 1
    assert "IOC_DATABASE_URL" in capsys.readouterr().out


def test_an_export_is_read_from_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = chain(6)
    text = b"".join([*(line(row) for row in rows), ending(6, rows[-1].head)])
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text)))
    assert main(["audit", "--file", "-"]) == 0
