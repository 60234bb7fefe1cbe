"""A message as e-mail: plain text in UTF-8 (RFC 5322, 2045-2047), marked as sent by a machine (RFC 3834).

The Message-ID is made of the message's id, so that a message which is sent again, because nobody knows whether it
arrived, is the same one to the receiver.
"""

import base64
import datetime as dt
import hashlib
import re
from email.header import Header
from email.utils import format_datetime

import msgspec

from ioc.tell.mail_server import MAILBOX, Sender

LONGEST_SUBJECT = 200
"""Characters of a subject; what is longer ends in an ellipsis."""

_WORDS = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ]{0,50}\Z|\Z")
_PLAIN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}\Z")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_BODY_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be mailed; `id` is the message's id, `thread` what belongs together, `at` never changes."""

    id: str
    thread: str
    to: str
    subject: str
    text: str
    at: dt.datetime
    language: str = "vi"


def message_id(id: str, domain: str) -> str:  # noqa: A002
    """The Message-ID of an id: the id itself where it is a plain word, else its digest."""
    word = id if _PLAIN_ID.match(id) else hashlib.sha256(id.encode("utf-8", "replace")).hexdigest()[:40]
    return f"<{word}@{domain}>"


def one_line(text: str, most: int = LONGEST_SUBJECT) -> str:
    """A text that can stand in a header: without control characters, and not longer than `most`."""
    plain = " ".join(_CONTROL.sub(" ", text).split())
    return plain if len(plain) <= most else plain[: most - 1].rstrip() + "…"


def _encoded(name: str, text: str) -> str:
    """A text of a header as encoded words (RFC 2047), folded; plain words stay as they are.

    The library's own messages are not used: they read a text that looks like encoded words as such, so that whoever
    writes `=?utf-8?q?=0D=0A…?=` into a ticket would write a header.
    """
    if _WORDS.match(text):
        return text
    return Header(text, "utf-8", header_name=name, maxlinelen=75).encode(splitchars="", linesep="\r\n")


def composed(letter: Letter, sender: Sender) -> bytes:
    """The message as it goes behind DATA, lines ending in CR LF. Raises ValueError for a mailbox that is none."""
    if not MAILBOX.match(letter.to):
        raise ValueError("this is no mailbox that mail can be sent to: give it as name@domain, in ASCII")
    headers = {
        "From": f"{_encoded('From', one_line(sender.name, 100))} <{sender.mailbox}>".strip(),
        "To": f"<{letter.to}>",
        "Subject": _encoded("Subject", one_line(letter.subject)),
        "Date": format_datetime(letter.at.astimezone(dt.UTC)),
        "Message-ID": message_id(letter.id, sender.domain),
        **({"References": message_id("thread-" + letter.thread, sender.domain)} if letter.thread else {}),
        "Auto-Submitted": "auto-generated",
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Language": "en" if letter.language == "en" else "vi",
        "Content-Transfer-Encoding": "base64",
    }
    text = _BODY_CONTROL.sub(" ", letter.text.replace("\r\n", "\n").replace("\r", "\n")).rstrip() + "\n"
    body = base64.encodebytes(text.replace("\n", "\r\n").encode()).replace(b"\n", b"\r\n")
    return "".join(f"{name}: {value}\r\n" for name, value in headers.items()).encode("ascii") + b"\r\n" + body
