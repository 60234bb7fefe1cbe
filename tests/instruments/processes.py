"""Processes that a test starts, kills, freezes and waits for, each with a log file and none outliving the test."""

import os
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

from ioc.embedded.account import Account
from tests.instruments.waiting import until

ROOT = Path(__file__).resolve().parents[2]


class Process:
    """A running program. Use as `with Process(argv, log=...) as process`; leaving kills what still runs."""

    def __init__(
        self,
        argv: Sequence[str],
        *,
        log: Path,
        environment: Mapping[str, str] | None = None,
        account: Account | None = None,
        cwd: Path = ROOT,
    ) -> None:
        setpriv = shutil.which("setpriv", path="/usr/bin:/bin:/usr/local/bin")
        dying_with_us = [setpriv, "--pdeathsig", "KILL"] if setpriv else []
        switch = account is not None and account.switch
        self.log = log
        with log.open("ab") as file:
            self._process = subprocess.Popen(
                [*dying_with_us, *argv],
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                env=environment,
                cwd=cwd,
                start_new_session=True,
                user=account.uid if account is not None and switch else None,
                group=account.gid if account is not None and switch else None,
                extra_groups=[] if switch else None,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def code(self) -> int | None:
        """Its exit code, negative for a signal; None while it runs."""
        return self._process.poll()

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal, if it still runs."""
        self._process.send_signal(number)

    def kill(self) -> None:
        """kill -9, and wait until it is gone."""
        self._process.kill()
        self._process.wait(30)

    def freeze(self) -> None:
        """Stop it and what it has started: sockets stay open, nobody answers."""
        freeze(self.pid)

    def thaw(self) -> None:
        """Let it and what it has started go on."""
        thaw(self.pid)

    async def ended(self, seconds: float) -> int:
        """Its exit code, once it ends by itself."""
        await until(lambda: self.code is not None, seconds, f"the end of {self.log.stem}")
        assert self.code is not None
        return self.code

    def said(self) -> str:
        """What is in its log."""
        return self.log.read_text("utf-8", "replace")


def descendants(pid: int) -> list[int]:
    """The process and everything below it, parents first."""
    found = [pid]
    for one in found:
        for task in _tasks(one):
            found += [int(child) for child in _read(task / "children").split()]
    return found


def _tasks(pid: int) -> list[Path]:
    try:
        return list(Path(f"/proc/{pid}/task").iterdir())
    except OSError:
        return []


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""


def freeze(pid: int) -> None:
    """SIGSTOP to a process and its descendants, parents first, so that no new child escapes."""
    for one in descendants(pid):
        _send(one, signal.SIGSTOP)


def thaw(pid: int) -> None:
    """SIGCONT to a process and its descendants, children first."""
    for one in reversed(descendants(pid)):
        _send(one, signal.SIGCONT)


def _send(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return
