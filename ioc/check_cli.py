"""`ioc check audit`: verifies the chain of the audit trail, in the database or in an export."""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from ioc.audit.chain import Head
from ioc.audit.lines import ExportError, inspect
from ioc.sealer import head_file, read_head
from ioc.settings import Settings, SettingsError, from_environment

AFRESH = "if you did not do this yourself, treat it as an attack and compare with the security centre's copy"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="ioc check", description="Check what this installation keeps")
    checks = parser.add_subparsers(dest="check", required=True, metavar="what")
    audit = checks.add_parser("audit", help="verify the chain of the audit trail", description=__doc__)
    audit.add_argument("--file", type=Path, metavar="EXPORT", help="an export instead of the database; - is stdin")
    audit.add_argument(
        "--head",
        action="append",
        default=[],
        metavar="SEQ:HASH",
        help="a row that is known from elsewhere, for example from the security centre; may be given again",
    )
    return parser


def main(arguments: Sequence[str]) -> int:
    """Print one sentence; 0 when the chain holds, 1 when it does not or cannot be verified."""
    chosen = _parser().parse_args(arguments)
    try:
        anchors = [read_head(text) for text in chosen.head]
        settings = from_environment()
        holds, sentence = _file(chosen.file, anchors) if chosen.file else asyncio.run(_database(settings, anchors))
    except (SettingsError, ExportError, ValueError, OSError) as error:
        holds, sentence = False, f"the audit trail cannot be verified: {error}"
    sys.stdout.write(sentence + "\n")
    return 0 if holds else 1


def _file(path: Path, anchors: Sequence[Head]) -> tuple[bool, str]:
    if str(path) == "-":
        inspection = inspect(sys.stdin.buffer, anchors)
    else:
        with path.open("rb") as lines:
            inspection = inspect(lines, anchors)
    if inspection.fault is not None:
        return False, f"the audit trail is broken: {inspection.fault.sentence}; {AFRESH}"
    if not inspection.rows:
        return True, "the export is empty: there is nothing to verify"
    first, last = inspection.last.seq - inspection.rows + 1, inspection.last
    strange = [anchor for anchor in anchors if not first <= anchor.seq <= last.seq]
    if strange:
        return False, f"row {strange[0].seq} is not in this file (rows {first} to {last.seq}) and cannot be compared"
    return True, f"the export is whole: rows {first} to {last.seq} are as they were sealed, the last is {last}"


async def _database(settings: Settings, anchors: list[Head]) -> tuple[bool, str]:
    from ioc.store import audit
    from ioc.store.away import AWAY
    from ioc.store.database import Database, UnsafeDatabaseError

    url, outside = _address(settings)
    known = _kept(settings)
    try:
        async with Database.open(url, size=1) as database:
            report = await audit.verify(database, [*anchors, *known], outside=outside)
    except (UnsafeDatabaseError, *AWAY) as error:  # type: ignore[misc]
        raise SettingsError(f"PostgreSQL cannot be asked ({error or type(error).__name__})") from error
    if report.fault is not None:
        return False, f"the audit trail is broken: {report.fault.sentence}; {AFRESH}"
    sentence = f"the audit trail is whole: {report.rows} rows are as they were sealed, the last is {report.last}"
    if report.waiting.rows:
        sentence += f"; {report.waiting.rows} newer wait for their seal since {report.waiting.since:%Y-%m-%d %H:%M:%S}Z"
    return True, sentence


def _address(settings: Settings) -> tuple[str, bool]:
    """The database, and whether through the views for outsiders: those of a demo in the state dir are used."""
    if settings.database_url:
        return settings.database_url, "//ioc_outside" in settings.database_url
    try:
        account = msgspec.json.decode((settings.state / "demo.json").read_bytes())
        return str(account["database_url"]), True
    except (OSError, msgspec.DecodeError, KeyError, TypeError) as error:
        raise SettingsError("set IOC_DATABASE_URL, or IOC_STATE_DIR to that of a demo that runs") from error


def _kept(settings: Settings) -> list[Head]:
    """The newest link that the sealer wrote into the state dir, where it runs on this machine."""
    try:
        return [read_head(head_file(settings.state).read_text("ascii"))]
    except FileNotFoundError:
        return []
