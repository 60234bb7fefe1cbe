"""Codes of an authenticator app: TOTP (RFC 6238) with HMAC-SHA-1, six digits, 30 seconds, as every app has it."""

import base64
import hashlib
import hmac
import struct
from urllib.parse import quote

STEP_S = 30
DIGITS = 6
BYTES = 20
"""Random bytes of a secret: the length of SHA-1's output, as RFC 4226 asks."""


def code_at(key: bytes, step: int, digits: int = DIGITS) -> str:
    """The code of a time step (RFC 4226, 5.3)."""
    mac = hmac.new(key, struct.pack(">Q", step), hashlib.sha1).digest()
    offset = mac[-1] & 0x0F
    (number,) = struct.unpack_from(">I", mac, offset)
    return str((number & 0x7FFF_FFFF) % 10**digits).zfill(digits)


def step_at(seconds: float) -> int:
    """The time step of a moment in seconds since 1970."""
    return int(seconds // STEP_S)


def matching_step(key: bytes, code: str, seconds: float, after: int = -1, window: int = 1) -> int | None:
    """The time step whose code this is, None when it is wrong.

    Clocks may differ by `window` steps. Steps up to `after` were used already. All candidates are compared, so
    that the time taken tells nothing.
    """
    now = step_at(seconds)
    given = code.encode("utf-8", "surrogatepass")
    found = None
    for step in range(max(0, now - window), now + window + 1):
        same = hmac.compare_digest(code_at(key, step).encode(), given)
        if same and step > after:
            found = step
    return found


def text_of(key: bytes) -> str:
    """The secret as people type it: base32 without padding."""
    return base64.b32encode(key).decode().rstrip("=")


def uri(key: bytes, login: str, issuer: str) -> str:
    """The `otpauth` address that an app on the same device opens."""
    label = f"{quote(issuer, safe='')}:{quote(login, safe='')}"
    return (
        f"otpauth://totp/{label}?secret={text_of(key)}&issuer={quote(issuer, safe='')}"
        f"&algorithm=SHA1&digits={DIGITS}&period={STEP_S}"
    )
