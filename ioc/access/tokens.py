"""Secrets of sessions and programs. Only their digest is kept, so that a stolen table opens nothing.

A token may do less than its account: its scopes are plain words `act:kind`, with `*` for any of them, as
`see:incident`, `step:incident`, `see:*`: the words of the table of rights. They only ever narrow what the role allows.
"""

import base64
import hashlib
import re
from collections.abc import Iterable

import msgspec

BYTES = 32
"""Random bytes in a secret."""

ALL = "*:*"
"""The scope of a token that may do whatever its account may."""

MOST_SCOPES = 30

_WORD = re.compile(r"(?:[a-z][a-z0-9-]{0,30}|\*):(?:[a-z][a-z0-9-]{0,30}|\*)\Z")
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_ACTS = {"device": "register", "camera": "register", "account": "manage", "rule": "manage"}
"""Which act changes things of a kind; all others take steps."""

_IRREGULAR = {
    "people": "account",
    "account": "account",
    "session": "session",
    "media": "media",
    "notices": "report",
    "observations_latest": "reading",
    "camera_fov": "camera",
    "live": "live",
    "audit": "audit",
    "dead-letters": "dead_letter",
    "matches": "alarm",
    "false-alarms": "incident",
    "checklists": "rule",
    "notifications": "message",
    "contacts": "account",
}
_OPEN = frozenset({"", "openapi.json", "api", "conformance", "collections", "session", "basemap", "areas"})
"""Parts of addresses that any token may read: what there is, and whom it stands for."""


def secret(entropy: bytes) -> str:
    """The text that a person's browser or a program holds, of 32 random bytes."""
    if len(entropy) != BYTES:
        raise ValueError(f"{BYTES} random bytes are needed")
    return base64.urlsafe_b64encode(entropy).rstrip(b"=").decode()


def digest(text: str) -> bytes:
    """What is kept of a secret: its SHA-256. A secret has full entropy, so a slow hash gains nothing."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


class Wish(msgspec.Struct, frozen=True):
    """What a request wants in the words of scopes; `kind` empty: nothing that belongs to anybody."""

    act: str
    kind: str


def scopes_of(words: Iterable[str]) -> tuple[str, ...]:
    """Scopes in order, each once. ValueError names one that is no `act:kind`."""
    found = sorted(set(words))
    for word in found:
        if not _WORD.match(word):
            raise ValueError(f"{word[:60]!r} is no scope; write act:kind, for example see:incident or see:*")
    if not 0 < len(found) <= MOST_SCOPES:
        raise ValueError(f"give 1 to {MOST_SCOPES} scopes")
    return tuple(found)


def wish_of(method: str, path: str) -> Wish:
    """What a request wants, told from its method and address: every route, also those to come."""
    parts = [part for part in path.split("/") if part]
    if parts[:1] == ["ogc"]:
        rest = parts[2:] if parts[1:2] == ["collections"] else parts[1:]
    else:
        rest = parts[2:] if parts[:2] == ["api", "v1"] else parts
    name = rest[0] if rest else ""
    kind = "" if name in _OPEN else _IRREGULAR.get(name, name.removesuffix("s"))
    if len(rest) >= 3 and rest[-1] == "readings":
        kind = "reading"
    if method in _SAFE:
        return Wish("export" if rest[-1:] == ["export"] else "see", kind)
    return Wish(_ACTS.get(kind, "step"), kind or name)


def allows(scopes: Iterable[str], wish: Wish) -> bool:
    """Whether one of the scopes holds the wish."""
    if wish.act == "see" and not wish.kind:
        return True
    held = frozenset(scopes)
    return any(f"{act}:{kind}" in held for act in (wish.act, "*") for kind in (wish.kind, "*"))
