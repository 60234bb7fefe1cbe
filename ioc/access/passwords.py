"""Passwords: argon2id (RFC 9106). Slow on purpose; callers run these in a thread."""

import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

LONGEST = 1_024
"""Characters of a password that are looked at; a longer one is refused before it costs anything."""

_HASHER = PasswordHasher()

NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$MDEyMzQ1Njc4OWFiY2RlZg$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
"""A hash that no password has: what an unknown name is checked against, so that it takes as long."""


def _same_everywhere(password: str) -> str:
    """Keyboards compose Vietnamese letters differently; RFC 8265 compares passwords in NFC."""
    return unicodedata.normalize("NFC", password)


def hash_password(password: str) -> str:
    """The text to keep. Raises ValueError for an empty or a very long password."""
    if not password or len(password) > LONGEST:
        raise ValueError(f"a password has 1 to {LONGEST} characters")
    return _HASHER.hash(_same_everywhere(password))


def verify(kept: str | None, password: str) -> bool:
    """Whether the password is the one that was kept; None or empty (no such person, no password) costs the same
    and is false."""
    if len(password) > LONGEST:
        return False
    try:
        _HASHER.verify(kept or NOBODY, _same_everywhere(password))
    except (VerificationError, InvalidHashError, UnicodeEncodeError):
        return False
    return bool(kept)
