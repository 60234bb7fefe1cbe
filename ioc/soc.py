"""Sends the sealed audit trail to the security centre: RFC 5424 over TLS, from a durable cursor, never in the way.

Syslog has no acknowledgements. A row counts as sent, and the cursor moves past it, when the peer's kernel has
confirmed all bytes (nothing is left in the send queue) and the connection has lived for SETTLED_S since. After a
cut everything behind the cursor is sent again: each row arrives at least once, `externalId` tells repeats.
"""

import asyncio
import contextlib
import datetime as dt
import fcntl
import logging
import math
import random
import ssl
import struct
import termios
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

import msgspec

from ioc.access.scope import EVERYTHING
from ioc.audit import cef
from ioc.audit.chain import Head, Sealed
from ioc.store import audit, journal
from ioc.store.away import AWAY
from ioc.store.database import Database

log = logging.getLogger(__name__)

CURSOR = "soc"
BATCH = 200
OPENS_WITHIN_S = 10.0
WRITES_WITHIN_S = 30.0
CLOSES_WITHIN_S = 1.0
POLL_S = 0.5
SETTLED_S = 2.0
HEAD_EVERY_S = 300.0
WAIT_FIRST_S = 1.0
WAIT_MOST_S = 60.0
LOOK_S = 5.0
"""How often the lag is measured."""


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """Where the security centre listens. Paths are of PEM files; `ca` empty means the machine's own authorities."""

    host: str
    port: int
    ca: str = ""
    certificate: str = ""
    key: str = ""


class Sending(msgspec.Struct):
    """Figures: rows sent (repeats too), rows that no message could be made of, failed tries, rows still to send."""

    sent: int = 0
    dropped: int = 0
    failures: int = 0
    lag: int = 0
    connected: bool = False
    problem: str = ""


class Tried(msgspec.Struct, frozen=True, kw_only=True):
    """How a test went: a word of `none unreachable certificate timeout`, and a sentence for those who mend it."""

    sent: bool
    problem: str
    detail: str
    took_ms: int


Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


def context(target: Target) -> ssl.SSLContext:
    """TLS 1.2 or newer, the peer's certificate and name checked. OSError or ssl.SSLError for unusable files."""
    made = ssl.create_default_context(cafile=target.ca or None)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    if target.certificate:
        made.load_cert_chain(target.certificate, target.key or None)
    return made


@asynccontextmanager
async def connected(target: Target) -> AsyncIterator[Connection]:
    """A connection over TLS. OSError (ssl.SSLError among them) or TimeoutError when there is none."""
    async with asyncio.timeout(OPENS_WITHIN_S):
        reader, writer = await asyncio.open_connection(
            target.host, target.port, ssl=context(target), server_hostname=target.host
        )
    try:
        yield reader, writer
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            async with asyncio.timeout(CLOSES_WITHIN_S):
                await writer.wait_closed()


def unconfirmed(writer: asyncio.StreamWriter) -> int:
    """Bytes that the peer's kernel has not confirmed yet (tcp(7), SIOCOUTQ). ConnectionError when it has closed."""
    socket = writer.get_extra_info("socket")
    if socket is None or socket.fileno() < 0:
        raise ConnectionResetError("the security centre closed the connection")
    buffer = fcntl.ioctl(socket.fileno(), termios.TIOCOUTQ, struct.pack("i", 0))
    return int(struct.unpack("i", buffer)[0])


def problem_of(error: BaseException) -> tuple[str, str]:
    """A word and a sentence for a connection that failed."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return "certificate", f"the security centre's certificate is not trusted: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return "certificate", f"TLS failed: {error.reason or error}; check IOC_SOC_CA, _CERTIFICATE and _KEY"
    if isinstance(error, TimeoutError):
        return "timeout", "the security centre did not answer in time: check IOC_SOC_HOST and the firewall"
    if isinstance(error, FileNotFoundError | PermissionError):
        return "certificate", "a file of IOC_SOC_CA, IOC_SOC_CERTIFICATE or IOC_SOC_KEY cannot be read"
    return "unreachable", f"the security centre cannot be reached ({error or type(error).__name__})"


async def trial(target: Target, source: cef.Source, head: Head, at: dt.datetime) -> Tried:
    """Send one test message over a connection of its own, and see the peer's kernel confirm it."""
    began = time.monotonic()
    try:
        async with connected(target) as (reader, writer), asyncio.timeout(OPENS_WITHIN_S):
            writer.write(
                cef.framed(cef.notice("soc.test", head, at, source, "Test of the feed to the security centre"))
            )
            await writer.drain()
            while unconfirmed(writer) and not reader.at_eof():  # noqa: ASYNC110 - the kernel wakes nobody for this
                await asyncio.sleep(0.01)
            await asyncio.sleep(0.1)  # a peer that wants our certificate says so only now (TLS 1.3)
            await _still_there(reader)
            problem, detail = "none", ""
    except OSError as error:
        problem, detail = problem_of(error)
    took = round((time.monotonic() - began) * 1000)
    return Tried(sent=problem == "none", problem=problem, detail=detail, took_ms=took)


async def _still_there(reader: asyncio.StreamReader) -> None:
    """ConnectionError or ssl.SSLError when the peer has closed."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(0.001):
            while await reader.read(1024):
                pass
            raise ConnectionResetError("the security centre closed the connection")


class Feed:
    """Sends sealed rows for as long as `run` lasts; `wake` says that there are new ones."""

    def __init__(
        self,
        database: Database,
        target: Target,
        source: cef.Source,
        now: Callable[[], dt.datetime],
        *,
        figures: Sending | None = None,
        settled_s: float = SETTLED_S,
        first_wait_s: float = WAIT_FIRST_S,
    ) -> None:
        self.figures = figures if figures is not None else Sending()
        self._database = database
        self._target = target
        self._source = source
        self._now = now
        self._settled_s = settled_s
        self._first_wait_s = first_wait_s
        self._wake = asyncio.Event()
        self._told = -math.inf
        self._looked = -math.inf

    def wake(self) -> None:
        """New rows are sealed."""
        self._wake.set()

    async def run(self) -> None:
        """Send for ever; after a failure wait longer each time, at most a minute, never exactly as long as others."""
        wait = self._first_wait_s
        while True:
            sent = self.figures.sent
            try:
                async with connected(self._target) as connection:
                    self.figures.connected, self.figures.problem = True, ""
                    await self._send(*connection)
            except Exception as error:
                self._failed(error)
            finally:
                self.figures.connected = False
            wait = self._first_wait_s if self.figures.sent > sent else min(wait * 2, WAIT_MOST_S)
            await self._measure()
            await asyncio.sleep(wait * random.uniform(0.5, 1.0))  # noqa: S311 - only spreads the tries

    def _failed(self, error: Exception) -> None:
        self.figures.failures += 1
        self.figures.problem, sentence = problem_of(error)
        if isinstance(error, OSError):
            log.warning("%s; the audit trail waits", sentence)
        else:
            log.exception("sending to the security centre failed; trying again")

    async def _send(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Send what follows the cursor until the connection breaks."""
        async with self._database.transaction(EVERYTHING) as transaction:
            reached = settled = await journal.cursor(transaction, CURSOR)
        under_way: deque[tuple[float, int]] = deque()
        while True:
            await _still_there(reader)
            async with self._database.transaction(EVERYTHING, read_only=True) as transaction:
                rows = await audit.sealed_after(transaction, reached, BATCH)
            if rows:
                await self._write(writer, b"".join(self._framed(rows)))
                reached = rows[-1].seq
                under_way.append((time.monotonic(), reached))
            settled = await self._settle(writer, under_way, settled)
            if len(rows) < BATCH:
                await self._quiet(writer)

    async def _write(self, writer: asyncio.StreamWriter, frames: bytes) -> None:
        async with asyncio.timeout(WRITES_WITHIN_S):
            writer.write(frames)
            await writer.drain()

    def _framed(self, rows: list[Sealed]) -> list[bytes]:
        frames = []
        for row in rows:
            try:
                frames.append(cef.framed(cef.message(row, self._source)))
                self.figures.sent += 1
            except (ValueError, KeyError):
                self.figures.dropped += 1
                log.exception("no message can be made of row %d of the audit trail", row.seq)
        return frames

    async def _settle(self, writer: asyncio.StreamWriter, under_way: deque[tuple[float, int]], settled: int) -> int:
        """Move the cursor past what was sent long enough ago on a connection that still confirms."""
        reached, ripe = settled, time.monotonic() - self._settled_s
        if under_way and under_way[0][0] <= ripe and not unconfirmed(writer):
            while under_way and under_way[0][0] <= ripe:
                reached = under_way.popleft()[1]
            async with self._database.transaction(EVERYTHING) as transaction:
                await journal.advance(transaction, CURSOR, reached)
        return reached

    async def _quiet(self, writer: asyncio.StreamWriter) -> None:
        """Everything is sent: tell the head now and then, and wait for more."""
        if time.monotonic() - self._told > HEAD_EVERY_S:
            self._told = time.monotonic()
            async with self._database.transaction(EVERYTHING, read_only=True) as transaction:
                head = await audit.head(transaction)
            await self._write(writer, cef.framed(cef.notice("audit.head", head, self._now(), self._source)))
        if time.monotonic() - self._looked > LOOK_S:
            await self._measure()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(min(POLL_S, self._settled_s)):
                await self._wake.wait()
        self._wake.clear()

    async def _measure(self) -> None:
        """How many sealed rows are behind the cursor."""
        self._looked = time.monotonic()
        with contextlib.suppress(*AWAY, LookupError):
            async with self._database.transaction(EVERYTHING) as transaction:
                through = await journal.cursor(transaction, CURSOR)
                self.figures.lag = max(0, (await audit.head(transaction)).seq - through)


def metrics(sending: Sending) -> Mapping[str, float]:
    """The figures for Prometheus."""
    return {
        "ioc_soc_sent_total": sending.sent,
        "ioc_soc_dropped_total": sending.dropped,
        "ioc_soc_failures_total": sending.failures,
        "ioc_soc_lag_rows": sending.lag,
        "ioc_soc_connected": int(sending.connected),
    }
