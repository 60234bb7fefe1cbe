"""Cells that a spreadsheet shows and does not carry out, and the way back when the file comes home.

A text that a spreadsheet would take for a formula gets an apostrophe before it (OWASP, CSV Injection); a number stays
a number. Programs that list columns by another separator split a cell there, so what follows a separator within a
text is treated alike.
"""

import re

_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?\Z")
_ACTIVE = re.compile(r"(\A|[\t\r\n;|,\"'])(?=\s*[=+\-@＝＋－＠])|\A(?=[\t\r\n])")
_INERT = re.compile(r"(\A|[\t\r\n;|,\"'])'(?=\s*[=+\-@＝＋－＠])|\A'(?=[\t\r\n])")


def harmless(text: str) -> str:
    """The text, in which nothing begins like a formula."""
    return text if _NUMBER.match(text) else _ACTIVE.sub(r"\1'", text)


def restored(text: str) -> str:
    """What `harmless` was given, of what it made."""
    return _INERT.sub(lambda found: found[1] or "", text)
