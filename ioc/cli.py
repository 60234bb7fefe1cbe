"""The command line: `ioc serve | intake | cameras | feeds | broker | migrate | user | device | areas | centre …`."""

import argparse
import asyncio
import logging
import sys
from collections.abc import Awaitable, Callable, Sequence

from ioc import areas_arguments, devices_arguments, replay_arguments, users_arguments
from ioc.embedded import SetupError
from ioc.settings import Settings, SettingsError, from_environment

Work = Callable[[Settings], Awaitable[None]]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="ioc", description="Intelligent Operations Centre of Quảng Nam")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, what in {
        "serve": "serve the wall and the API; the process that leads also runs the desk",
        "intake": "take readings from the MQTT broker into PostgreSQL",
        "cameras": "watch the registered cameras",
        "broker": "keep the broker's files of users as the register has them; runs beside the broker",
        "feeds": "look at agencies' feeds for notices",
        "migrate": "bring the schema of PostgreSQL to the newest revision",
        "check": "verify what is kept: `ioc check audit` the chain of the audit trail",
        "decode": "try one payload with a codec: `ioc decode --codec ioc FILE`",
        "demo": "run a whole centre on this machine with recorded data playing into it",
    }.items():
        commands.add_parser(name, help=what, description=what)
    replay_arguments.describe(commands.add_parser("replay", help="feed what was kept aside to the decoder again"))
    users_arguments.describe(commands.add_parser("user", help="accounts, passwords, second factors, tokens"))
    devices = commands.add_parser("device", help="devices, their life cycle, keys and certificates")
    devices_arguments.describe(devices)
    areas_arguments.describe_areas(commands.add_parser("areas", help="releases of administrative units"))
    areas_arguments.describe_centres(commands.add_parser("centre", help="centres that go into others"))
    keys = commands.add_parser("secrets", help="the keys that seal cameras' passwords in the database")
    what = "make a new key, seal every secret anew with it, then take the old keys away"
    keys.add_subparsers(required=True, metavar="deed").add_parser("rotate", help=what, description=what)
    return parser


def _work(chosen: argparse.Namespace) -> Work:
    """The work of a command; imported only when it runs, so that each process holds what it needs."""
    command: str = chosen.command
    if command == "demo":
        from ioc.demo.run import demo

        return demo
    if command == "broker":
        from ioc import doorkeeping

        return doorkeeping.broker
    from ioc import app, feeding, intake, watchpost

    if command == "user":
        from ioc import users_cli

        return users_cli.work(chosen, app.now)
    if command == "device":
        from ioc import devices_cli

        return devices_cli.work(chosen, app.now)
    if command == "secrets":
        from ioc import secrets_cli

        return secrets_cli.work(app.now)
    if command == "replay":
        from ioc import replay_cli

        return replay_cli.work(chosen, app.now)
    if command in ("areas", "centre"):
        from ioc import areas_cli

        return areas_cli.work(chosen, app.now)
    works: dict[str, Work] = {
        "serve": app.serve,
        "intake": intake.intake,
        "cameras": watchpost.cameras,
        "feeds": feeding.feeds,
        "migrate": app.migrate_database,
    }
    return works[command]


def _own(command: str, arguments: Sequence[str]) -> int:
    """A command with arguments of its own; returns its exit code."""
    if command == "check":
        from ioc import check_cli

        return check_cli.main(arguments)
    from ioc import decode_cli

    return decode_cli.main(arguments)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command; what cannot run ends with one clear sentence and exit code 1."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:1] in (["check"], ["decode"]):
        raise SystemExit(_own(given[0], given[1:]))
    from ioc.store.database import UnsafeDatabaseError  # asyncpg and SQLAlchemy, which `ioc decode` need not load

    chosen = _parser().parse_args(given)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    logging.getLogger("asyncpg").setLevel(logging.ERROR)  # it traces each outage, which we tell in a sentence
    ended = 0
    try:
        settings = from_environment()
        asyncio.run(_until_signal(_work(chosen), settings))
    except* (SetupError, SettingsError, UnsafeDatabaseError) as refused:
        for sentence in _sentences(refused):
            print(sentence, file=sys.stderr)  # noqa: T201
        ended = 1
    except* KeyboardInterrupt:
        ended = 130
    if ended:  # raised here, because Python 3.11.2 puts what an except* clause raises into a group
        raise SystemExit(ended)


async def _until_signal(work: Work, settings: Settings) -> None:
    from ioc.app import run_until_signal

    await run_until_signal(lambda: work(settings))


def _sentences(group: BaseExceptionGroup[Exception]) -> list[str]:
    found = []
    for error in group.exceptions:
        found += _sentences(error) if isinstance(error, BaseExceptionGroup) else [str(error)]
    return found
