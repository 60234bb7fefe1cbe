"""Labels to print: a QR code, the code to be typed where it cannot be scanned, and a few words."""

from html import escape

from ioc.registration.qr import symbol

WIDTH_MM, HEIGHT_MM = 62.0, 29.0
"""A common address label of a label printer."""

_SIDE_MM = 25.0
_LINE = 26
"""Letters of a line beside the symbol."""


def label(scanned: str, code: str, lines: tuple[str, ...]) -> str:
    """An SVG drawing of 62 mm by 29 mm: `scanned` as QR, `code` large, up to three lines below it."""
    drawn = symbol(scanned)
    scale = _SIDE_MM / drawn.size
    wrapped = [part for line in lines for part in _parts(line)][:3]
    size = min(4.0, 33.0 / (0.62 * max(len(code), 1)))
    words = "".join(
        f'<text x="28" y="{12 + 4.5 * number}" font-size="2.6">{escape(text)}</text>'
        for number, text in enumerate(wrapped)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH_MM}mm" height="{HEIGHT_MM}mm" '
        f'viewBox="0 0 {WIDTH_MM} {HEIGHT_MM}" font-family="sans-serif">'
        f"<title>{escape(code)}</title>"
        f'<rect width="{WIDTH_MM}" height="{HEIGHT_MM}" fill="#fff"/>'
        f'<path transform="translate(1.5 2) scale({scale:.6f})" d="{drawn.path}"/>'
        f'<text x="28" y="7" font-size="{size:.2f}" font-family="monospace" font-weight="bold">{escape(code)}</text>'
        f"{words}</svg>"
    )


def _parts(line: str) -> list[str]:
    """A line in pieces that fit, broken at blanks where there are some."""
    found: list[str] = []
    rest = "".join(letter if letter.isprintable() else " " for letter in line).strip()
    while rest:
        cut = len(rest) if len(rest) <= _LINE else rest.rfind(" ", 1, _LINE + 1)
        cut = _LINE if cut <= 0 else cut
        found.append(rest[:cut].rstrip())
        rest = rest[cut:].strip()
    return found
