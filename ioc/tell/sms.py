"""What fits into short messages: segments counted as networks count them (3GPP TS 23.038 6.2, TS 23.040 9.2.3.24).

A text of the GSM alphabet has 160 characters in one segment and 153 in each of several; one character outside of it,
and most Vietnamese letters are, makes it UCS-2: 70 and 67. Accents that are left out save segments.
"""

import math
import unicodedata

GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""The default alphabet; each of its characters is one septet."""

EXTENDED = frozenset("\f^{}\\[~]|€")
"""Characters behind an escape: two septets each."""

_SAME = {
    "đ": "d", "Đ": "D", "“": '"', "”": '"', "‘": "'", "’": "'", "–": "-", "—": "-", "…": "...", "·": "-", "•": "-",
    "\u00a0": " ", "≥": ">=", "≤": "<=", "→": "->", "×": "x", "°": " do", "²": "2", "³": "3", "\t": " ",
}  # fmt: skip


def units(text: str) -> tuple[int, int, int]:
    """Units of a text, and how many one segment and each of several hold: septets, or words of 16 bits."""
    if all(sign in GSM or sign in EXTENDED for sign in text):
        return len(text) + sum(sign in EXTENDED for sign in text), 160, 153
    return len(text.encode("utf-16-be", "replace")) // 2, 70, 67


def segments(text: str) -> int:
    """How many segments a text takes; an empty one takes one.

    A pair that stands at the end of a segment (a surrogate, an escape) goes to the next one whole, so that a text of
    several segments may take one more than its units say: that is counted, too.
    """
    number, alone, each = units(text)
    if number <= alone:
        return 1
    wide = EXTENDED if each == 153 else None
    used, free = 1, each
    for sign in text:
        size = 1 + (sign in wide if wide is not None else ord(sign) > 0xFFFF)
        if size > free:
            used, free = used + 1, each
        free -= size
    return used


def unaccented(text: str) -> str:
    """The text in the GSM alphabet, as Vietnamese is written without its accents; what has no such form is a `?`."""
    found = []
    for sign in unicodedata.normalize("NFC", text):
        bare = "".join(one for one in unicodedata.normalize("NFD", sign) if not unicodedata.combining(one))
        same = _SAME.get(sign, bare)
        found.append(same if all(one in GSM or one in EXTENDED for one in same) else "?")
    return "".join(found)


def fitted(text: str, most: int, tail: str = "") -> str:
    """A text, and behind it `tail` whole, in at most so many segments; what is too long ends in an ellipsis.

    A tail that alone does not fit is left out.
    """
    text = unicodedata.normalize("NFC", text).strip()
    tail = f" {tail}" if tail else ""
    if segments(text + tail) <= most:
        return text + tail
    dots = "..." if units(text + tail)[2] == 153 else "…"
    if segments(dots + tail) > most:
        return fitted(text, most) if tail else ""
    short, long = 0, len(text)
    while short < long:
        middle = math.ceil((short + long) / 2)
        short, long = (middle, long) if segments(text[:middle] + dots + tail) <= most else (short, middle - 1)
    return text[:short].rstrip() + dots + tail
