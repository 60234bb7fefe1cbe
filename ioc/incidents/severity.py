"""CAP's words of severity (OASIS CAP 1.2, 3.2.2) in their order."""

ORDER = ("minor", "moderate", "severe", "extreme")

LEVELS = {"minor": "", "moderate": "I", "severe": "II", "extreme": "III"}
"""The official alarm level (báo động) that a severity stands for (contract, HTTP)."""


def rank(severity: str) -> int:
    """Its place in the order; the larger the worse. ValueError for an unknown word."""
    return ORDER.index(severity)


def worst(severities: list[str]) -> str:
    """The worst of some. ValueError when there is none."""
    return max(severities, key=rank)
