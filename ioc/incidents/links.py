"""Whether the way of the data into the centre works: what the intakes say of themselves, over time. Pure."""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from ioc.incidents.rules import Rule

SPOOLED = "spool_bytes"
"""The figure that counts bytes which wait on the disk for the database."""

DROPPED = "dropped"
"""How the names of figures end that count what the broker dropped."""

ACKNOWLEDGING = "acknowledging"
"""The figure that is 0 while an intake acknowledges nothing, because its spool is full or fails."""


class Links:
    """Judges drops at the broker, spooling, and an intake that takes nothing, each by its rule where there is one.

    A figure that no intake gives counts as nothing.
    """

    def __init__(self, rules: Mapping[str, Rule]) -> None:
        self._rules = rules
        self._dropped: float | None = None
        self._dropped_at: dt.datetime | None = None
        self._since: dict[str, dt.datetime] = {}

    def judge(
        self, figures: Iterable[Mapping[str, Any]], takes: bool, now: dt.datetime, holding: Collection[str]
    ) -> dict[str, Mapping[str, Any]]:
        """What should hold now, by the rule's `system`, with its evidence. `takes`: an intake takes messages."""
        listed = list(figures)
        spooled = sum(_number(one.get(SPOOLED)) for one in listed)
        held_back = any(_number(one.get(ACKNOWLEDGING, 1)) == 0 for one in listed)
        found: dict[str, Mapping[str, Any]] = {}
        if self._lasts("spool", spooled > 0, now, holding):
            found["spool"] = {"spool_bytes": int(spooled)}
        if self._lasts("intake", held_back or not takes, now, holding):
            found["intake"] = {"takes": takes, "holds_back": held_back}
        if self._drops(listed, now, holding):
            found["drops"] = {"dropped": int(self._dropped or 0)}
        return {kind: evidence for kind, evidence in found.items() if kind in self._rules}

    def _lasts(self, kind: str, is_so: bool, now: dt.datetime, holding: Collection[str]) -> bool:
        if not is_so or kind not in self._rules:
            self._since.pop(kind, None)
            return False
        since = self._since.setdefault(kind, now)
        return kind in holding or (now - since).total_seconds() >= self._rules[kind].for_s

    def _drops(self, figures: Iterable[Mapping[str, Any]], now: dt.datetime, holding: Collection[str]) -> bool:
        """Whether the broker dropped something lately; the first figure only says where it stood before us."""
        counts = [_number(value) for one in figures for name, value in one.items() if name.endswith(DROPPED)]
        if counts:
            total = max(counts)  # every intake reads the same counter of the one broker
            if self._dropped is not None and total > self._dropped:
                self._dropped_at = now
            self._dropped = total
        if self._dropped_at is None and "drops" in holding:
            self._dropped_at = now
        if self._dropped_at is None or "drops" not in self._rules:
            return False
        return (now - self._dropped_at).total_seconds() < self._rules["drops"].hold_s


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
