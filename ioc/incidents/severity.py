"""CAP's words of severity (OASIS CAP 1.2, 3.2.2) in their order."""

ORDER = ("minor", "moderate", "severe", "extreme")

NAMES = {
    "minor": ("nhẹ", "minor"),
    "moderate": ("báo động I", "alarm level I"),
    "severe": ("báo động II", "alarm level II"),
    "extreme": ("báo động III", "alarm level III"),
}
"""How a level is spoken of a gauge, Vietnamese and English (contract: levels I, II, III)."""


def rank(severity: str) -> int:
    """Its place in the order; the larger the worse. ValueError for an unknown word."""
    return ORDER.index(severity)


def worst(severities: list[str]) -> str:
    """The worst of some. ValueError when there is none."""
    return max(severities, key=rank)
