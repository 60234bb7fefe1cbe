"""What the process `ioc broker` is made of: beside a broker of one's own it keeps the files of who may sign in there.

It runs as the account of the broker, so that it may write what the broker reads and tell it so; root is not needed.
"""

import asyncio
import os
import signal
from collections.abc import Callable
from pathlib import Path

from ioc.admission import Admission
from ioc.app import now
from ioc.broker_address import login
from ioc.embedded.broker_files import BrokerFiles, Lists
from ioc.heartbeat import Pulse, beat
from ioc.lock import HeldError, Lock
from ioc.refusals import Refusals
from ioc.settings import Settings, SettingsError
from ioc.store.database import Database
from ioc.trail import noted_soon
from sensors.sign_ins import heard

ANSWER_S = 5.0
"""Seconds (monotonic) that PostgreSQL may take for connecting, and for each look at the register."""


async def broker(settings: Settings) -> None:
    """Keep the broker's files until cancelled. Raises SettingsError for a setting that is missing or wrong."""
    if not settings.database_url:
        raise SettingsError("IOC_DATABASE_URL is missing: give the address of PostgreSQL as role ioc_app")
    if not settings.broker_dir:
        raise SettingsError("IOC_BROKER_DIR is missing: give the folder of the broker's files of users")
    folder, ours = settings.broker_folder, login(settings, "")
    try:
        with Lock(folder / "lock"):
            files = BrokerFiles(
                folder, {ours.user: ours.password}, telling(settings.broker_pid), owner_of(folder), lists_of(settings)
            )
            async with Database.later(settings.database_url, answer_s=ANSWER_S) as database:
                admission = Admission(database, files, now)
                refusals = Refusals(database, Path(settings.broker_log), now) if settings.broker_log else None
                async with (
                    heard(ours, admission.signed_in, admission.turned_away) as listening,
                    asyncio.TaskGroup() as tasks,
                ):
                    tasks.create_task(admission.run(), name="admission")
                    tasks.create_task(noted_soon(database, now, "broker"), name="noted")
                    if refusals is not None:
                        tasks.create_task(refusals.run(), name="refusals")
                    tasks.create_task(
                        beat(database, "broker", lambda: _pulse(admission, listening(), refusals), now),
                        name="heartbeat",
                    )
    except HeldError as held:
        raise SettingsError(f"another `ioc broker` (process {held.pid}) keeps {folder}: end it first") from held
    except OSError as error:
        raise SettingsError(f"{folder} cannot be used ({error.strerror}): check IOC_BROKER_DIR") from error


def _pulse(admission: Admission, listening: bool, refusals: Refusals | None) -> Pulse:
    figures = {"users": admission.users, "mended": admission.mended, "listening": int(listening)}
    figures |= {} if refusals is None else {"refused": refusals.seen, "following": int(refusals.following)}
    return Pulse(admission.ready, figures)


def owner_of(folder: Path) -> tuple[int, int] | None:
    """Whose the files are to be: of whom the folder is, where we are root; else they are ours."""
    if os.geteuid() != 0:
        return None
    about = folder.stat()
    return about.st_uid, about.st_gid


def telling(pid: str) -> Callable[[], None]:
    """What makes the broker read its files anew: SIGHUP to its process, which is a number or in a file.

    A broker that does not run is not told, because it reads them when it starts. Raises SettingsError for what can be
    neither, and OSError later, when the process may not be told.
    """
    if pid.isdigit() and int(pid) <= 0:
        raise SettingsError(
            f"IOC_BROKER_PID cannot be {pid!r}: give the number of a process, or the file that holds it"
        )

    def tell() -> None:
        if not pid:
            return
        try:
            text = pid if pid.isdigit() else Path(pid).read_text("ascii").strip()
            if text.isdigit() and int(text) > 0:
                os.kill(int(text), signal.SIGHUP)
        except (FileNotFoundError, ProcessLookupError):
            return

    return tell


def lists_of(settings: Settings) -> Lists | None:
    """What makes the list of revoked certificates; None where this state dir has no authority."""
    from ioc.embedded.broker_tls import authority_in  # cryptography, which a broker without certificates does not need
    from ioc.registration.authority import revocation_list

    if authority_in(settings.state) is None:
        return None

    def made(serials: frozenset[str], before: bytes) -> bytes:
        authority = authority_in(settings.state)
        return before if authority is None else revocation_list(authority, serials, before, now())

    return made
