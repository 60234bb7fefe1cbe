"""Keys of devices at the broker: how one is kept, under which name it signs in, and how the next takes its place.

Kept is what stands in Mosquitto's password file, never the key. A device has two names at the broker, its code and
its code with `~` behind it, which no code holds: they take turns, so that for a while the old key and the new are good.
"""

import base64
import binascii
import datetime as dt
import hashlib
import hmac
import re
from collections.abc import Sequence

import msgspec

from gis.stamp import is_code

ITERATIONS = 101
"""Mosquitto 2.0's own number. Keys are 192 random bits, which no number of rounds would have to protect."""

SALT_BYTES = 12
KEY_BYTES = 24

OVERLAP = dt.timedelta(days=7)
"""How long the old key stays good when the new one is not used."""

SECOND = "~"

_HASH = re.compile(r"\$7\$[1-9][0-9]{0,8}\$[A-Za-z0-9+/]{1,64}={0,2}\$[A-Za-z0-9+/]{86}==\Z")


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """A key that a device has: the name under which it signs in, and until when it is good (None: for good)."""

    login: str
    until: dt.datetime | None = None


class Turn(msgspec.Struct, frozen=True):
    """Under which name the next key signs in, and which one is good beside it for a while (None: none is)."""

    login: str
    old: str | None


def hashed(key: str, salt: bytes) -> str:
    """The key as Mosquitto keeps it: PBKDF2-SHA512 with the salt, in base64."""
    digest = hashlib.pbkdf2_hmac("sha512", key.encode(), salt, ITERATIONS)
    return f"$7${ITERATIONS}${base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}"


def is_hash(text: str) -> bool:
    """Whether the text may stand in the password file as the hash of a key."""
    return _HASH.match(text) is not None


def fits(key: str, kept: str) -> bool:
    """Whether the hash is one of this key."""
    if not is_hash(kept):
        return False
    _, _, rounds, salt, digest = kept.split("$")
    try:
        made = hashlib.pbkdf2_hmac("sha512", key.encode(), base64.b64decode(salt, validate=True), int(rounds))
        return hmac.compare_digest(made, base64.b64decode(digest, validate=True))
    except binascii.Error:
        return False


def code_of(login: str) -> str:
    """The device that signs in under a name."""
    return login.removesuffix(SECOND)


def is_login(text: str) -> bool:
    """Whether a device may sign in under this name: a code, or a code with `~` behind it."""
    return is_code(code_of(text))


def other(login: str) -> str:
    """The second name of the same device."""
    return code_of(login) if login.endswith(SECOND) else login + SECOND


def turn(code: str, held: Sequence[Held], now: dt.datetime) -> Turn:
    """What a new key for a device does to those that it has.

    The new one takes the name that is free, and the one in use stays good beside it. When a key was made and never
    used, the next takes its place, so that what was lost on the way opens nothing.
    """
    good = [one for one in held if one.until is None or one.until > now]
    going = next((one.login for one in good if one.until is not None), None)
    present = next((one.login for one in good if one.until is None), None)
    if going is not None:
        return Turn(other(going), going)
    return Turn(code, None) if present is None else Turn(other(present), present)
