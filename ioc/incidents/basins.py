"""Rivers as data: which source lies upstream of which. It relates incidents and never makes two of them one."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from ioc.incidents.policy import PolicyError


class Basins(msgspec.Struct, frozen=True, kw_only=True):
    """`above` are all sources upstream of one, near or far; `categories` are those of incidents that are related."""

    above: Mapping[str, frozenset[str]]
    categories: frozenset[str]
    within: dt.timedelta

    def related(self, code: str) -> dict[str, bool]:
        """The sources along the same river, and whether each lies downstream of this one."""
        up = self.above.get(code, frozenset())
        return dict.fromkeys(up, False) | {other: True for other, above in self.above.items() if code in above}


class _Flow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    upstream: str
    downstream: str


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    hours: float
    categories: list[str]
    flow: list[_Flow] = []


def basins_of(raw: Mapping[str, Any]) -> Basins:
    """The rivers in the parsed tables of basins.toml. PolicyError says in one sentence what is wrong."""
    try:
        found = msgspec.convert(raw, _File)
    except msgspec.ValidationError as error:
        raise PolicyError(f"the basins cannot be used: {error}") from error
    if not 0 < found.hours < 10_000:
        raise PolicyError(f"the basins have hours = {found.hours:g}; it must be above 0 and below 10000")
    next_up: dict[str, set[str]] = {}
    for flow in found.flow:
        next_up.setdefault(flow.downstream, set()).add(flow.upstream)
    above = {code: frozenset(_all_above(code, next_up)) for code in next_up}
    round_about = sorted(code for code, up in above.items() if code in up)
    if round_about:
        raise PolicyError(f"the basins let {round_about[0]} lie upstream of itself: take one of its flows out")
    return Basins(above=above, categories=frozenset(found.categories), within=dt.timedelta(hours=found.hours))


def _all_above(code: str, next_up: Mapping[str, Iterable[str]]) -> set[str]:
    found, pending = set[str](), list(next_up.get(code, ()))
    while pending:
        one = pending.pop()
        if one not in found:
            found.add(one)
            pending += next_up.get(one, ())
    return found
