"""Secrets of sessions and programs. Only their digest is kept, so that a stolen table opens nothing."""

import base64
import hashlib

BYTES = 32
"""Random bytes in a secret."""


def secret(entropy: bytes) -> str:
    """The text that a person's browser or a program holds, of 32 random bytes."""
    if len(entropy) != BYTES:
        raise ValueError(f"{BYTES} random bytes are needed")
    return base64.urlsafe_b64encode(entropy).rstrip(b"=").decode()


def digest(text: str) -> bytes:
    """What is kept of a secret: its SHA-256. A secret has full entropy, so a slow hash gains nothing."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
