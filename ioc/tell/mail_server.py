"""Where mail is handed over, out of the setting: the submission server, its account, and how the way to it is kept.

`smtps://` is TLS from the first byte (RFC 8314), `smtp://` is STARTTLS, without which nothing is said (RFC 3207), and
`smtp+plain://` is neither: it takes no password, and only a server inside a network of `IOC_OUTBOUND`.
"""

import re
from typing import Literal
from urllib.parse import unquote, urlsplit

import msgspec

Way = Literal["tls", "starttls", "plain"]

PORTS: dict[Way, int] = {"tls": 465, "starttls": 587, "plain": 25}
_WAYS: dict[str, Way] = {"smtps": "tls", "smtp": "starttls", "smtp+plain": "plain"}

MAILBOX = re.compile(
    r"(?=.{3,254}\Z)(?=[^@]{1,64}@)[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*\Z"
)
"""A mailbox as RFC 5321 has it, without quotes and in ASCII: nothing in it can end a line or an address."""

_SENDER = re.compile(r"\s*(?:(?P<name>[^<>\"\x00-\x1f\x7f]{0,100}?)\s*<(?P<inside>[^<>]+)>|(?P<bare>[^<>\s]+))\s*\Z")


class MailServer(msgspec.Struct, frozen=True, kw_only=True):
    """A submission server; `user` empty: it asks for no account. It may hold a password, so it is never printed."""

    host: str
    port: int
    way: Way
    user: str = ""
    password: str = ""

    def __repr__(self) -> str:
        return f"MailServer({self.host}:{self.port}, {self.way})"

    @classmethod
    def parse(cls, text: str) -> "MailServer":
        """Out of the setting. Raises ValueError with what is wanted; its text repeats no password."""
        try:
            parts = urlsplit(text)
            host, port = parts.hostname, parts.port
        except ValueError as error:
            raise ValueError("give smtps://user:password@host:465, its port a number up to 65535") from error
        way = _WAYS.get(parts.scheme)
        if way is None:
            raise ValueError("give smtps://host, smtp://host (STARTTLS), or smtp+plain://host inside your own network")
        if not host or not text.isprintable() or parts.path not in ("", "/") or parts.query or parts.fragment:
            raise ValueError(
                "give smtps://user:password@host:465 and nothing behind it; %-encode signs of the password"
            )
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        if way == "plain" and password:
            raise ValueError("a password never goes over smtp+plain://; use smtps:// or smtp://")
        if bool(user) != bool(password):
            raise ValueError("give the user and the password, or neither")
        return cls(host=host, port=port or PORTS[way], way=way, user=user, password=password)


class Sender(msgspec.Struct, frozen=True):
    """In whose name mail is sent: a name for people, and the mailbox to which what cannot be delivered returns."""

    name: str
    mailbox: str

    @property
    def domain(self) -> str:
        """What stands behind the @."""
        return self.mailbox.rpartition("@")[2]

    @classmethod
    def parse(cls, text: str) -> "Sender":
        """`Name <mailbox>`, or a mailbox alone. Raises ValueError with what is wanted."""
        found = _SENDER.match(text)
        mailbox = (found["inside"] or found["bare"]).strip() if found else ""
        if found is None or not MAILBOX.match(mailbox):
            raise ValueError("give a mailbox, such as IOC Quảng Nam <ioc@example.gov.vn>")
        return cls((found["name"] or "").strip(), mailbox)
