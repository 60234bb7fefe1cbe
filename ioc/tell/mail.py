"""E-mail by a submission server: one connection for many messages, and a clear answer for each.

A 4yz answer means again, a 5yz answer to the message itself never (RFC 5321, 4.2.1). A connection that is lost behind
DATA tells nobody whether the message was taken (RFC 1047): it is sent again under the same Message-ID. What is wrong
with the session, not with the message (greeting, TLS, account), is tried again: somebody has to mend it.
"""

import asyncio
import logging
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiosmtplib
import msgspec

from ioc.outbound import CONNECT_S, Outbound, OutboundError, Target
from ioc.tell.channel import Accepted, Again, Message, Outcome, Refused
from ioc.tell.letter import Letter, composed
from ioc.tell.mail_server import MailServer, Sender

log = logging.getLogger(__name__)

AT_ONCE = 4
"""Connections to the server at the same time; the messages of a storm share them."""

COMMAND_S = 15.0
"""Seconds (monotonic) for the answer to a command."""

SEND_S = 45.0
"""Seconds for a whole message, from the wait for a connection to the last answer; less than the caller has patience."""

IDLE_S = 5.0
"""Seconds for which a connection is kept for the next message."""

_TOO_MUCH_NOW = 552
"""As an answer to RCPT it means what 452 means (RFC 5321, 4.5.3.1.10)."""


class _SessionError(Exception):
    """There is no session with the server; the text says what to mend."""


class _Line:
    """One connection, and when it falls idle for too long."""

    def __init__(self, smtp: aiosmtplib.SMTP) -> None:
        self.smtp = smtp
        self._ends: asyncio.TimerHandle | None = None

    def rest(self, within_s: float) -> None:
        """Close it after a while."""
        self._ends = asyncio.get_running_loop().call_later(within_s, self.smtp.close)

    def wake(self) -> bool:
        """Take it up again; False when it is closed."""
        if self._ends is not None:
            self._ends.cancel()
            self._ends = None
        return self.smtp.is_connected

    def close(self) -> None:
        """Close it now."""
        if self._ends is not None:
            self._ends.cancel()
        self.smtp.close()


class Mail:
    """Sends mail. Use as `async with Mail.open(...) as mail`."""

    def __init__(self, outbound: Outbound, server: MailServer, sender: Sender, ca: str, links: str) -> None:
        self._outbound = outbound
        self._server = server
        self._sender = sender
        self._ca = ca
        self._links = links
        self._places = asyncio.Semaphore(AT_ONCE)
        self._idle: list[_Line] = []
        self._context: ssl.SSLContext | None = None

    @classmethod
    @asynccontextmanager
    async def open(
        cls, outbound: Outbound, server: MailServer, sender: Sender, *, ca: str = "", links: str = ""
    ) -> AsyncIterator["Mail"]:
        """A channel for as long as the block lasts. `ca` is a PEM file of the authority of the server's certificate,
        empty: this machine's own; `links` is the public address that paths are put behind, empty: they are left out.
        """
        mail = cls(outbound, server, sender, ca, links)
        try:
            yield mail
        finally:
            for line in mail._idle:
                line.close()

    async def send(self, message: Message, address: str) -> Outcome:
        """As `Channel.send`; the address is a mailbox."""
        link = f"\n\n{self._links}{message.link}" if self._links else ""
        letter = Letter(
            id=message.id, thread=message.thread, to=address, subject=message.subject, text=message.text + link,
            at=message.created, language=message.language,
        )  # fmt: skip
        try:
            written = composed(letter, self._sender)
        except ValueError as error:
            return Refused(reason=str(error))
        try:
            async with asyncio.timeout(SEND_S):
                async with self._places:
                    return await self._handed_over(address, written)
        except TimeoutError:
            return Again(reason=f"the mail server took longer than {SEND_S:g} s")

    async def _handed_over(self, address: str, written: bytes) -> Outcome:
        try:
            line = await self._line()
        except _SessionError as error:
            return Again(reason=str(error))
        try:
            outcome = await _delivered(line.smtp, self._sender.mailbox, address, written)
        except BaseException:
            line.close()
            raise
        if line.smtp.is_connected:
            self._idle.append(line)
            line.rest(IDLE_S)
        return outcome

    async def _line(self) -> _Line:
        """A connection that is ready for a message: an idle one that still answers, else a new one."""
        while self._idle:
            line = self._idle.pop()
            if line.wake():
                try:
                    await line.smtp.rset(timeout=COMMAND_S)
                    return line
                except (aiosmtplib.SMTPException, OSError):
                    pass  # it was cut while it was idle
            line.close()
        return _Line(await self._connected())

    async def _connected(self) -> aiosmtplib.SMTP:
        server = self._server
        try:
            target = await self._outbound.pinned(server.host, server.port)
            if server.way == "plain":
                await self._outbound.pinned(target.address, target.port)  # inside a network, a name is not enough
        except OutboundError as error:
            raise _SessionError(f"the mail server cannot be called: {error}") from error
        smtp = aiosmtplib.SMTP(
            hostname=target.host, username=server.user or None, password=server.password or None,
            local_hostname=self._sender.domain, timeout=COMMAND_S, use_tls=server.way == "tls",
            start_tls=server.way == "starttls", tls_context=None if server.way == "plain" else self._tls(),
            sock=await _dialled(target),
        )  # fmt: skip
        try:
            await smtp.connect()
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            raise _SessionError(_why(error)) from error
        return smtp

    def _tls(self) -> ssl.SSLContext:
        """TLS 1.2 or newer; certificate and host's name are checked."""
        if self._context is None:
            try:
                self._context = ssl.create_default_context(cafile=self._ca or None)
            except OSError as error:
                raise _SessionError("IOC_SMTP_CA cannot be read: give a PEM file") from error
            self._context.minimum_version = ssl.TLSVersion.TLSv1_2
        return self._context


async def _dialled(target: Target) -> socket.socket:
    """A connection to the address that was judged, whatever its name says now."""
    family = socket.AF_INET6 if ":" in target.address else socket.AF_INET
    dialled = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)  # so named it is sent without delay
    dialled.setblocking(False)
    try:
        async with asyncio.timeout(CONNECT_S):
            await asyncio.get_running_loop().sock_connect(dialled, (target.address, target.port))
    except OSError as error:
        dialled.close()
        raise _SessionError(f"the mail server cannot be reached ({error.strerror or type(error).__name__})") from error
    except BaseException:
        dialled.close()
        raise
    return dialled


def _why(error: BaseException) -> str:
    """A sentence for a session that could not be begun; the server's own words may repeat an account: left out."""
    causes = [error]
    while (cause := causes[-1].__cause__) is not None:
        causes.append(cause)
    for one in causes:
        if isinstance(one, ssl.SSLCertVerificationError):
            return f"the mail server's certificate is not trusted: {one.verify_message} (IOC_SMTP_CA)"
        if isinstance(one, aiosmtplib.SMTPAuthenticationError):
            return f"the mail server refused the account ({one.code}): check user and password in IOC_SMTP_URL"
        if isinstance(one, aiosmtplib.SMTPResponseException):
            return f"the mail server does not want to talk now ({one.code})"
        if isinstance(one, ssl.SSLError):
            return f"TLS with the mail server failed ({one.reason or type(one).__name__}): check IOC_SMTP_URL"
    if "STARTTLS" in str(error):
        return "the mail server offers no STARTTLS, so nothing was said: check IOC_SMTP_URL"
    return f"the mail server gave no session ({type(error).__name__})"


class _Step(msgspec.Struct):
    """How far a message came; behind DATA nobody knows what a silence means."""

    behind_data: bool = False


async def _delivered(smtp: aiosmtplib.SMTP, sender: str, address: str, written: bytes) -> Outcome:
    """One message through a session. A session that cannot go on is closed."""
    step = _Step()
    try:
        await smtp.mail(sender)
        await smtp.rcpt(address)
        step.behind_data = True
        answer = await smtp.data(written)
        return Accepted(reference=_reference(answer.message))
    except aiosmtplib.SMTPResponseException as error:
        return _judged(smtp, error)
    except (aiosmtplib.SMTPException, OSError) as error:
        smtp.close()
        kind = "did not answer in time" if isinstance(error, TimeoutError) else "ended the connection"
        if step.behind_data:
            return Again(reason=f"the mail server {kind} after the message: whether it was taken is not known")
        return Again(reason=f"the mail server {kind} before it took the message")


def _judged(smtp: aiosmtplib.SMTP, error: aiosmtplib.SMTPResponseException) -> Outcome:
    at_recipient = isinstance(error, aiosmtplib.SMTPRecipientRefused)
    where = "the recipient" if at_recipient else "the sender" if isinstance(error, aiosmtplib.SMTPSenderRefused) else ""
    if error.code == 421 or not 400 <= error.code < 600:
        smtp.close()  # it leaves, or it answers out of turn
        return Again(reason=f"the mail server broke off ({error.code})")
    if error.code < 500 or (at_recipient and error.code == _TOO_MUCH_NOW):
        return Again(reason=f"the mail server does not take {where or 'the message'} now ({error.code})")
    return Refused(reason=f"the mail server refused {where or 'the message'} for good ({error.code})")


def _reference(answer: str) -> str:
    """What the server calls the message, as far as it can be told: its last words, in one plain line."""
    plain = " ".join("".join(sign if " " <= sign <= "~" else " " for sign in answer).split())
    return plain[-100:]
