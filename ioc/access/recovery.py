"""Recovery codes: ten, each good once, for the day on which the phone is lost."""

from ioc.access.tokens import digest

CODES = 10
BYTES = 10
"""Random bytes of a code; 80 bits are beyond guessing, so a fast hash keeps them safely."""

_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's base 32: no letter that is read as another."""

_READ_AS = str.maketrans({"o": "0", "i": "1", "l": "1", "-": None, " ": None})


def code(entropy: bytes) -> str:
    """A code of ten random bytes in four groups of four letters."""
    if len(entropy) != BYTES:
        raise ValueError(f"{BYTES} random bytes are needed")
    number = int.from_bytes(entropy, "big")
    letters = "".join(_LETTERS[(number >> shift) & 31] for shift in range(75, -1, -5))
    return "-".join(letters[start : start + 4] for start in range(0, 16, 4))


def looks_like_one(text: str) -> bool:
    """Whether a text is long enough to be a recovery code and no six digits of an app."""
    return len(_plain(text)) == 16


def _plain(text: str) -> str:
    return text[:64].lower().translate(_READ_AS)


def digest_of(text: str) -> bytes:
    """What is kept of a code, however its owner typed it."""
    return digest("recovery " + _plain(text))
