"""Cells that a spreadsheet shows and does not carry out, and the way back when the file comes home.

A text that a spreadsheet would take for a formula gets an apostrophe before it (OWASP, CSV Injection); a number stays
a number. Programs that list columns by another separator split a cell there, so what follows a separator within a
text is treated alike.
"""

import re

_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?\Z")
_ACTIVE = re.compile(r"(\A|[\t\r\n;|,\"'])(?=\s*[=+\-@＝＋－＠])|\A(?='*[\t\r\n])")
_SIGNS = frozenset("=+-@＝＋－＠")
_BREAKS = frozenset("\t\r\n")
_SEPARATORS = _BREAKS | frozenset(";|,\"'")


def harmless(text: str) -> str:
    """The text, in which nothing begins like a formula."""
    return text if _NUMBER.match(text) else _ACTIVE.sub(r"\1'", text)


def restored(text: str) -> str:
    """What `harmless` was given, of what it made; any other text as it is.

    From the end: an apostrophe stands before what is active, after a separator. Where that is an apostrophe, too, only
    the last of the two was put there.
    """
    if "'" not in text:
        return text
    kept: list[str] = []
    active = put = False
    for place in range(len(text) - 1, -1, -1):
        sign = text[place]
        first = place == 0
        begins = active or (first and text.lstrip("'")[:1] in _BREAKS)
        if sign == "'" and begins and not put and (first or text[place - 1] in _SEPARATORS):
            put = True
            continue
        put, active = False, sign in _SIGNS or (sign.isspace() and active)
        kept.append(sign)
    found = "".join(reversed(kept))
    return found if harmless(found) == text else text
