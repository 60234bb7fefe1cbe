"""Signed webhooks in the layout of Standard Webhooks: three headers, HMAC-SHA-256 over id, time and body.

Source: the Standard Webhooks specification 1.0.0 (github.com/standard-webhooks/standard-webhooks,
spec/standard-webhooks.md, "Signature scheme"). `webhook-signature` may carry several signatures with a space between:
so a secret is changed without a moment in which a receiver refuses, both are used until the old one ends.
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence

PREFIX = "whsec_"
TOLERANCE_S = 300
"""Seconds that the time of a request may differ from the receiver's clock: an older one may be somebody's copy."""

SHORTEST, LONGEST = 24, 64
"""Bytes of a secret."""

_WORD = re.compile(r"[A-Za-z0-9_-]{1,256}\Z")


class SignatureError(ValueError):
    """A request that is not from who holds the secret, or too old; the text says which."""


def key_of(secret: str) -> bytes:
    """The key of a secret, `whsec_` and 24 to 64 bytes in base64. Raises ValueError, which does not repeat it."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not secret.startswith(PREFIX) or not SHORTEST <= len(key) <= LONGEST:
        raise ValueError(f"a secret is {PREFIX} and then {SHORTEST} to {LONGEST} random bytes in base64")
    return key


def signature(id: str, at: int, body: bytes, key: bytes) -> str:  # noqa: A002
    """The signature of version 1."""
    signed = hmac.new(key, f"{id}.{at}.".encode() + body, hashlib.sha256).digest()
    return "v1," + base64.b64encode(signed).decode()


def headers(id: str, at: int, body: bytes, keys: Sequence[bytes]) -> dict[str, str]:  # noqa: A002
    """The three headers; `at` in seconds since 1970. Raises ValueError for an id that is no word."""
    if not _WORD.match(id):
        raise ValueError("the id of a webhook is a word of letters, digits, - and _")
    signed = " ".join(signature(id, at, body, key) for key in keys)
    return {"webhook-id": id, "webhook-timestamp": str(at), "webhook-signature": signed}


def verify(told: Mapping[str, str], body: bytes, keys: Sequence[bytes], now: float) -> str:
    """The id of a request whose signature is right, for receivers; `told` by lower-case names. Raises SignatureError.

    A receiver keeps the ids that it has seen: a request that comes again has the same id.
    """
    try:
        id, at, given = (told[f"webhook-{name}"] for name in ("id", "timestamp", "signature"))  # noqa: A001
        moment = int(at)
    except (KeyError, ValueError):
        raise SignatureError("a header is missing, or the time is no number") from None
    if abs(now - moment) > TOLERANCE_S:
        raise SignatureError(f"its time differs from the clock here by more than {TOLERANCE_S} s")
    wanted = [signature(id, moment, body, key) for key in keys]
    matches = [hmac.compare_digest(one.encode(), two.encode()) for one in given.split() for two in wanted]
    if not any(matches):
        raise SignatureError("no signature is right: the secret differs, or somebody changed the request")
    return id
