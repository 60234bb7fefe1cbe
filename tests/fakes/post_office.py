"""A real mail server that fails as it is told to: over a socket, with STARTTLS or TLS where it has papers."""

import asyncio
import email
import email.policy
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from tests.fakes.soc import Papers

FAILURES = (
    "rcpt 450", "rcpt 550", "rcpt 552", "mail 451", "mail 553", "data 452", "data 554", "421", "hang at rcpt",
    "hang after data", "cut at rcpt", "cut in data", "cut after data", "slow",
)  # fmt: skip
"""What may happen to a message; in `cut after data` it was taken, and the answer is lost."""


class Mailed(msgspec.Struct, frozen=True):
    """A message that was taken."""

    id: str
    to: str
    subject: str
    text: str
    raw: bytes


class PostOffice:
    """`fails` is asked once for each message, at RCPT, by its recipient; empty: nothing goes wrong."""

    def __init__(self, fails: Callable[[str], str] = lambda to: "") -> None:
        self.fails = fails
        self.mailed: list[Mailed] = []
        self.connections = 0
        self.account: tuple[str, str] | None = None
        self.port = 0
        self.way = "plain"
        self._open: set[Any] = set()
        self._transports: list[Any] = []
        self._now: dict[int, str] = {}

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        fate = self.fails(address)
        self._now[id(session)] = fate
        if fate == "hang at rcpt":
            await asyncio.Event().wait()
        if fate == "cut at rcpt" and server.transport is not None:
            server.transport.abort()
        if fate == "421":
            return "421 4.3.2 leaving"
        if fate.startswith("rcpt"):
            return f"{fate[5:]} no, thank you"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        fate = self._now.pop(id(session), "")
        if fate == "cut in data" and server.transport is not None:
            server.transport.abort()
            return "451 cut"
        if fate.startswith("data"):
            return f"{fate[5:]} no, thank you"
        if fate == "slow":
            await asyncio.sleep(0.2)
        self._take(envelope)
        if fate == "hang after data":
            await asyncio.Event().wait()
        if fate == "cut after data" and server.transport is not None:
            server.transport.abort()
        return "250 2.0.0 taken as Q1"

    def _take(self, envelope: Envelope) -> None:
        raw = envelope.content if isinstance(envelope.content, bytes) else b""
        found = email.message_from_bytes(raw, policy=email.policy.default)
        text = found.get_content().replace("\r\n", "\n")  # type: ignore[attr-defined]
        known = str(found["Message-ID"]).strip("<>").partition("@")[0]
        for to in envelope.rcpt_tos:
            self.mailed.append(Mailed(known, to, str(found["Subject"]), text, raw))

    def authenticate(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        """Whether an account may come in."""
        told = (data.login.decode(), data.password.decode())
        return AuthResult(success=told == self.account, handled=False)

    def leave(self) -> None:
        """Break all connections without a word."""
        for one in self._transports:
            one.abort()
        self._transports.clear()

    @property
    def busy(self) -> int:
        """Connections that are open."""
        return len(self._open)

    def protocol(self, **options: Any) -> SMTP:
        """One connection."""
        office = self

        class Line(SMTP):
            def connection_made(self, transport: asyncio.BaseTransport) -> None:
                office.connections += self not in office._open  # STARTTLS makes the same one anew
                office._open.add(self)
                office._transports.append(transport)
                super().connection_made(transport)

            def connection_lost(self, error: Exception | None) -> None:
                office._open.discard(self)
                super().connection_lost(error)

        line = Line(self, hostname="localhost", ident="test", enable_SMTPUTF8=False, **options)
        line._auth_require_tls = self.way == "starttls"  # from the first byte there is TLS, or there is none
        return line


@asynccontextmanager
async def mailing(
    way: str = "plain", papers: Papers | None = None, fails: Callable[[str], str] = lambda to: "", port: int = 0,
    account: tuple[str, str] | None = None,
) -> AsyncIterator[PostOffice]:  # fmt: skip
    """A server on loopback: `plain`, `starttls` or `tls`; with an account it takes nothing without it."""
    office = PostOffice(fails)
    office.way = way
    office.account = account
    context = None
    if papers is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(papers.server)
    options: dict[str, Any] = {}
    if way == "starttls":
        options |= {"tls_context": context, "require_starttls": True}
    if account is not None:
        options |= {"authenticator": office.authenticate, "auth_required": True}
    loop = asyncio.get_running_loop()
    secured = context if way == "tls" else None
    server = await loop.create_server(lambda: office.protocol(**options), "127.0.0.1", port, ssl=secured)
    office.port = server.sockets[0].getsockname()[1]
    try:
        yield office
    finally:
        server.close()
        office.leave()
        for _ in range(10):
            await asyncio.sleep(0)
