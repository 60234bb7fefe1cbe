"""One-time codes by which a device or a technician enrols: read off paper, typed with gloves, scanned as QR.

80 random bits in Crockford's base 32 (no I, L, O, U), four groups of four. Only the digest is kept; at a thousand
guesses a second, and a thousand codes that are good at once, one is found in 38 billion years.
"""

import hashlib
import re

BYTES = 10
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ALIKE = str.maketrans("OIL", "011")
_CODE = re.compile(rf"[{_LETTERS}]{{16}}\Z")


def make(entropy: bytes) -> str:
    """The code of ten random bytes, as people read it: XXXX-XXXX-XXXX-XXXX."""
    if len(entropy) != BYTES:
        raise ValueError(f"a one-time code has {BYTES} random bytes")
    number = int.from_bytes(entropy, "big")
    letters = "".join(_LETTERS[number >> shift & 31] for shift in range(75, -5, -5))
    return "-".join(letters[at : at + 4] for at in range(0, 16, 4))


def tidy(text: str) -> str:
    """What was typed, in the form that `make` gives: blanks, hyphens, small and mistaken letters do not matter.

    Raises ValueError for what is no code.
    """
    letters = re.sub(r"[\s-]", "", text).upper().translate(_ALIKE)
    if not _CODE.match(letters):
        raise ValueError("a one-time code has 16 letters and digits")
    return "-".join(letters[at : at + 4] for at in range(0, 16, 4))


def digest(code: str) -> bytes:
    """What is kept of a code."""
    return hashlib.sha256(code.encode()).digest()
