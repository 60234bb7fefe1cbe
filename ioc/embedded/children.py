"""The processes that the centre starts: each with a log file, none outliving us, ended in reverse order.

A child gets a signal from the kernel when its parent dies (PR_SET_PDEATHSIG), so that nothing survives even a
kill -9 of the centre. That signal is sent when the *thread* that started the child ends: start children from
the main thread's event loop.
"""

import asyncio
import contextlib
import ctypes
import fcntl
import logging
import math
import os
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Self

import msgspec

from ioc.embedded.account import Account
from ioc.embedded.errors import SetupError, from_os

_log = logging.getLogger(__name__)

STOP_WITHIN_S = 12.0
"""Seconds in which `Children.stop` is done, whatever the children do."""

LOG_BYTES = 8 * 1024 * 1024
"""A log grows to about this size, then its text moves to `<name>.log.1` and it begins anew."""

PIPE_BYTES = 1 << 20
"""What an account without rights may have of a pipe (fs.pipe-max-size)."""

_PR_SET_PDEATHSIG = 1
_SETTLED_S = 1.0
_SIEVES_EVERY = 5
_TRIM_EVERY = 150
"""Turns of `first_death`, of which there are five a second."""

_TOLD_EVERY_S = 3600.0


class Manner(msgspec.Struct, frozen=True, kw_only=True):
    """How a child is to be treated.

    `stop` asks it to end; `orphaned` is what the kernel sends it when we die; `reserve_s` is the time, in
    seconds, that is kept for its own end while those started after it are being ended. With `own_session`, a
    signal to our process group (Ctrl-C) does not reach it before we decide.
    """

    stop: signal.Signals = signal.SIGTERM
    orphaned: signal.Signals = signal.SIGKILL
    reserve_s: float = 0.3
    own_session: bool = True
    account: Account | None = None
    cwd: Path | None = None
    sieve: Sequence[str] = ()
    """A program that what it says goes through on its way to the log; its errors go there as they are.

    The child never waits for it: what comes while `PIPE_BYTES` wait for the sieve is lost. One that died (the disk is
    full) is started anew within about a second while `first_death` is waited for; what it had in hand is lost,
    and a line that it had read in part is cut."""


class Death(msgspec.Struct, frozen=True, kw_only=True):
    """A child that ended without being asked: its exit code (negative: the signal) and its last log line."""

    name: str
    code: int
    last_line: str

    def __str__(self) -> str:
        how = f"by signal {signal.Signals(-self.code).name}" if self.code < 0 else f"with exit code {self.code}"
        if self.code == -signal.SIGKILL:  # it had no time for a last word
            return f"{self.name} ended {how}"
        return f"{self.name} ended {how}: {self.last_line or 'it left no message'}"


class Child:
    """One running process. `pid`, `name`, `log` (its file) and `code` (None while it runs) may be read."""

    def __init__(self, name: str, process: asyncio.subprocess.Process, log: Path, manner: Manner) -> None:
        self.sieve: asyncio.subprocess.Process | None = None
        self.unsieved: int | None = None
        """Our end of the pipe to its sieve, kept so that another sieve can go on with it."""
        self.name = name
        self.log = log
        self.manner = manner
        self._process = process
        self.expected = False
        """Set when we asked it to end: then its end is no death to report."""

    @property
    def pid(self) -> int:
        """Its process id, which is also its session's when it has one of its own."""
        return self._process.pid

    @property
    def code(self) -> int | None:
        """Exit code, negative for a signal; None while it runs."""
        return self._process.returncode

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal, if it still runs.

        Not through subprocess, whose `send_signal` may reap the child before asyncio has read its exit code.
        """
        if self.code is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        """Kill it, and what it started in its session."""
        if self.manner.own_session:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)
        self.signal(signal.SIGKILL)

    async def end(self, patience_s: float) -> None:
        """Ask it to end, and kill it in time; returns when it and its sieve are gone, after about `patience_s` seconds
        at most."""
        self.expected = True
        deadline = asyncio.get_running_loop().time() + patience_s
        kept_s = 0.0 if self.sieve is None else min(_SETTLED_S, patience_s / 3)
        self.signal(self.manner.stop)
        try:
            async with asyncio.timeout(max(patience_s - kept_s, 0.05)):
                await self._process.wait()
        except TimeoutError:
            self.kill()
            await self._process.wait()
        await self.settled(deadline - asyncio.get_running_loop().time())

    async def settled(self, within_s: float = _SETTLED_S) -> None:
        """After its end: wait a moment until what it said last went through its sieve, which ends then."""
        if self.unsieved is not None:
            os.close(self.unsieved)
            self.unsieved = None
        if self.sieve is None:
            return
        try:
            async with asyncio.timeout(max(min(within_s, _SETTLED_S), 0.05)):
                await self.sieve.wait()
        except TimeoutError:  # something that the child started still holds the pipe
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.sieve.pid, signal.SIGKILL)
            await self.sieve.wait()

    async def sieve_again(self) -> int | None:
        """Start another sieve where the last one ended before its child; gives how the last one ended, else None."""
        if self.sieve is None or self.unsieved is None or self.code is not None or self.expected:
            return None
        code = self.sieve.returncode
        if code is not None:
            self.sieve = await _sieving(self.manner, self.log, self.unsieved)
        return code

    async def wait(self) -> int:
        """Its exit code, once it has ended."""
        return await self._process.wait()

    def last_line(self) -> str:
        """The last line of its log that is not blank."""
        lines = [line for line in tail(self.log).splitlines() if line.strip()]
        return lines[-1].strip() if lines else ""


class Children:
    """Starts children, watches them, and ends them in reverse order.

    `logs` is an existing folder; the output of child `name` is appended to `<logs>/<name>.log`.
    As an async context manager it ends what still runs on leaving.
    """

    def __init__(self, logs: Path) -> None:
        self._logs = logs
        self._running: list[Child] = []
        self._told = -math.inf

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    @property
    def running(self) -> tuple[Child, ...]:
        """The children that were started and not ended by us, oldest first."""
        return tuple(self._running)

    async def spawn(
        self,
        name: str,
        argv: Sequence[str],
        env: Mapping[str, str] | None = None,
        *,
        manner: Manner | None = None,
    ) -> Child:
        """Start a program (`argv[0]` is its path). `env` is its whole environment; None hands ours down.

        Raises SetupError when the program is missing or cannot be started.
        """
        manner = manner or Manner()
        log = self._logs / f"{name}.log"
        trim(log)
        sieve: asyncio.subprocess.Process | None = None
        unsieved: int | None = None
        try:
            with contextlib.ExitStack() as given, contextlib.ExitStack() as kept:
                said = given.enter_context(log.open("ab")).fileno()
                if manner.sieve:
                    unsieved, said = _pipe()
                    kept.callback(os.close, unsieved)
                    given.callback(os.close, said)
                    sieve = await _sieving(manner, log, unsieved)
                process = await _execute(argv, env, manner, log, said)
                kept.pop_all()
        except FileNotFoundError as error:
            raise SetupError(f"The program {argv[0]} is missing: run ./run, which installs it.") from error
        except OSError as error:
            raise from_os(error, argv[0]) from error
        child = Child(name, process, log, manner)
        child.sieve, child.unsieved = sieve, unsieved
        self._running.append(child)
        return child

    async def end(self, child: Child, patience_s: float = 3.0) -> None:
        """End one child ahead of the others, so that its end is not reported."""
        await child.end(patience_s)
        self._running.remove(child)

    def end_last(self, child: Child) -> None:
        """Have a child outlive all others, as if it had been started before them."""
        self._running.remove(child)
        self._running.insert(0, child)

    async def first_death(self) -> Death:
        """Wait until a child ends that nobody asked to; keeps the logs at their size meanwhile."""
        turns = 0
        while True:
            for child in self._running:
                if child.code is not None and not child.expected:
                    await child.settled()
                    return Death(name=child.name, code=child.code, last_line=child.last_line())
            turns += 1
            if turns % _SIEVES_EVERY == 0:
                await self._sieve_again()
            if turns % _TRIM_EVERY == 0:
                for child in self._running:
                    trim(child.log)
            await asyncio.sleep(0.2)

    async def _sieve_again(self) -> None:
        for child in tuple(self._running):
            try:
                code = await child.sieve_again()
            except OSError:  # it is tried again
                continue
            if code is not None and time.monotonic() - self._told >= _TOLD_EVERY_S:
                self._told = time.monotonic()
                _log.warning(
                    "lines of %s may be lost: the sieve before it ended (%d) and is started again; is the disk full?",
                    child.log,
                    code,
                )

    async def stop(self, within_s: float = STOP_WITHIN_S) -> None:
        """End all children in reverse order of their start, within about `within_s` seconds.

        Each may use what time there is, less what those started before it need; then it is killed.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + within_s
        while self._running:
            child = self._running[-1]
            reserved = sum(other.manner.reserve_s for other in self._running[:-1])
            await child.end(min(5.0, deadline - reserved - loop.time()))
            self._running.pop()


def _pipe() -> tuple[int, int]:
    """The ends of a pipe, that of the sieve and that of its child, which never waits."""
    out, into = os.pipe()
    with contextlib.suppress(OSError):  # a smaller one serves too
        fcntl.fcntl(into, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
    os.set_blocking(into, False)
    return out, into


async def _sieving(manner: Manner, log: Path, unsieved: int) -> asyncio.subprocess.Process:
    """A sieve, which takes from the pipe and appends to the log."""
    with log.open("ab") as output:
        return await asyncio.create_subprocess_exec(
            *manner.sieve, stdin=unsieved, stdout=output, stderr=output, env={"LC_ALL": "C"}, start_new_session=True
        )


async def _execute(
    argv: Sequence[str], env: Mapping[str, str] | None, manner: Manner, log: Path, said: int
) -> asyncio.subprocess.Process:
    """The process itself, as the account of its manner, with its output in `said` and its errors in the log."""
    account = manner.account if manner.account is not None and manner.account.switch else None
    with log.open("ab") as output:
        return await asyncio.create_subprocess_exec(
            *argv,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=said,
            stderr=output,
            env=env,
            cwd=manner.cwd,
            start_new_session=manner.own_session,
            preexec_fn=_die_with_parent(manner.orphaned),
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
        )


def tail(path: Path, size: int = 4096) -> str:
    """The end of a text file, at most `size` bytes; empty when there is none."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - size))
            return file.read(size).decode(errors="replace")
    except OSError:
        return ""


def trim(log: Path, limit: int = LOG_BYTES) -> None:
    """Move the text of a log over the limit to `<log>.1`; who appends to the log goes on at its beginning."""
    try:
        if log.stat().st_size <= limit:
            return
        text = tail(log, limit)
        log.with_name(f"{log.name}.1").write_text(text, encoding="utf-8")
        os.truncate(log, 0)
    except OSError:
        return  # a log that cannot be trimmed must not end the centre


def _die_with_parent(number: signal.Signals) -> Callable[[], None]:
    """What a new child does before its program: ask for the signal, and end if its parent is gone already."""
    parent = os.getpid()
    prctl = ctypes.CDLL(None, use_errno=True).prctl

    def prepare() -> None:
        prctl(_PR_SET_PDEATHSIG, int(number), 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return prepare
