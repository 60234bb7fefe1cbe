"""The command line: `ioc serve | intake | cameras | migrate | demo`."""

import argparse
import asyncio
import logging
import sys
from collections.abc import Awaitable, Callable, Sequence

from ioc.embedded import SetupError
from ioc.settings import Settings, SettingsError, from_environment
from ioc.store.database import UnsafeDatabaseError

Work = Callable[[Settings], Awaitable[None]]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="ioc", description="Intelligent Operations Centre of Quảng Nam")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, what in {
        "serve": "serve the wall and the API; the process that leads also runs the desk",
        "intake": "take readings from the MQTT broker into PostgreSQL",
        "cameras": "watch the registered cameras",
        "migrate": "bring the schema of PostgreSQL to the newest revision",
        "demo": "run a whole centre on this machine with recorded data playing into it",
    }.items():
        commands.add_parser(name, help=what, description=what)
    return parser


def _work(command: str) -> Work:
    """The work of a command; imported only when it runs, so that each process holds what it needs."""
    if command == "demo":
        from ioc.demo.run import demo

        return demo
    from ioc import app

    works: dict[str, Work] = {
        "serve": app.serve,
        "intake": app.intake,
        "cameras": app.cameras,
        "migrate": app.migrate_database,
    }
    return works[command]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command; what cannot run ends with one clear sentence and exit code 1."""
    chosen = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    try:
        settings = from_environment()
        asyncio.run(_until_signal(_work(chosen.command), settings))
    except* (SetupError, SettingsError, UnsafeDatabaseError) as refused:
        for sentence in _sentences(refused):
            print(sentence, file=sys.stderr)  # noqa: T201
        raise SystemExit(1) from None
    except* KeyboardInterrupt:
        raise SystemExit(130) from None


async def _until_signal(work: Work, settings: Settings) -> None:
    from ioc.app import run_until_signal

    await run_until_signal(lambda: work(settings))


def _sentences(group: BaseExceptionGroup[Exception]) -> list[str]:
    found = []
    for error in group.exceptions:
        found += _sentences(error) if isinstance(error, BaseExceptionGroup) else [str(error)]
    return found
