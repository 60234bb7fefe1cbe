"""Which categories there are, and how near in place and time two alarms must be to belong together: data, not code."""

import math
from collections.abc import Mapping
from typing import Any, Literal

import msgspec

_PASSES = (("near_m", "near_min"), ("wide_m", "wide_min"))


class PolicyError(ValueError):
    """The categories cannot be used; the text is one sentence that says what to mend."""


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """How near alarms of two categories must be: metres and minutes, first the near pass, then the wide one."""

    near_m: float
    near_min: float
    wide_m: float
    wide_min: float


class Category(msgspec.Struct, frozen=True, kw_only=True):
    """A category by its names, and how wide (metres) and long (hours) an incident that it began may become.

    `by_source`: only alarms of one source belong together. `technical`: it is about the centre's own devices and
    lines, so that a parent that is down explains it.
    """

    vi: str
    en: str
    diameter_m: float
    hours: float
    by_source: bool = False
    technical: bool = False


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """All of it. `pairs` has each pair in both orders; `_known` are answers that were asked for before."""

    categories: Mapping[str, Category]
    pairs: Mapping[tuple[str, str], Pair]
    error_cap_m: float
    return_min: float
    default: str
    _known: dict[str, tuple[tuple[str, ...], float]] = {}

    def category(self, code: str) -> Category:
        """What is known of a category; one that is not described is bounded as the default is."""
        return self.categories.get(code) or self.categories[self.default]

    def pair(self, one: str, other: str) -> Pair | None:
        """How near the two must be; None when they never belong together."""
        found = self.pairs.get((one, other))
        if found is None and one == other and one not in self.categories:
            return self.pairs.get((self.default, self.default))
        return found

    def partners(self, code: str) -> tuple[str, ...]:
        """The categories of which something may belong to an alarm of this one."""
        return self._around(code)[0]

    def farthest_m(self, code: str) -> float:
        """How far from an alarm of a category anything that it belongs to may be, its own error left out."""
        return self._around(code)[1]

    def _around(self, code: str) -> tuple[tuple[str, ...], float]:
        found = self._known.get(code)
        if found is None:
            others = tuple(other for one, other in self.pairs if one == code)
            others = others or ((code,) if self.pair(code, code) is not None else ())
            pairs = (self.pair(code, other) for other in others)
            farthest = max((max(pair.near_m, pair.wide_m) for pair in pairs if pair is not None), default=0.0)
            found = self._known[code] = (others, farthest)
        return found


class _Category(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    vi: str
    en: str
    diameter_m: float
    hours: float
    by: Literal["place", "source"] = "place"
    technical: bool = False


class _Pair(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    of: tuple[str, str]
    near_m: float
    near_min: float
    wide_m: float
    wide_min: float


class _Correlation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    error_cap_m: float
    return_min: float
    default: str = "other"


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    correlation: _Correlation
    category: dict[str, _Category]
    pair: list[_Pair] = []


def policy_of(raw: Mapping[str, Any]) -> Policy:
    """The policy in the parsed tables of categories.toml. PolicyError says in one sentence what is wrong."""
    try:
        found = msgspec.convert(raw, _File)
    except msgspec.ValidationError as error:
        raise PolicyError(f"the categories cannot be used: {error}") from error
    about = found.correlation
    _positive("correlation", about, "error_cap_m", "return_min")
    if about.default not in found.category:
        raise PolicyError(f"the categories need one called {about.default}, for what is not described")
    for code, category in found.category.items():
        _positive(f"category {code}", category, "diameter_m", "hours")
    return Policy(
        categories={code: _category(one) for code, one in found.category.items()},
        pairs=_pairs(found),
        error_cap_m=about.error_cap_m,
        return_min=about.return_min,
        default=about.default,
    )


def _category(one: _Category) -> Category:
    return Category(
        vi=one.vi,
        en=one.en,
        diameter_m=one.diameter_m,
        hours=one.hours,
        by_source=one.by == "source",
        technical=one.technical,
    )


def _pairs(found: _File) -> dict[tuple[str, str], Pair]:
    pairs: dict[tuple[str, str], Pair] = {}
    for one in found.pair:
        name = f"the pair {one.of[0]}, {one.of[1]}"
        unknown = [code for code in one.of if code not in found.category]
        if unknown:
            raise PolicyError(f"{name} names {unknown[0]}, which is not among the categories")
        if one.of in pairs:
            raise PolicyError(f"{name} is there twice: leave one of them out")
        for metres, minutes in _PASSES:
            _positive(name, one, metres, minutes)
        if one.wide_m < one.near_m:
            raise PolicyError(f"{name} has wide_m below near_m: the second pass must be the wider one")
        widest = min(found.category[code].diameter_m for code in one.of)
        if one.near_m > widest:
            raise PolicyError(f"{name} has near_m beyond diameter_m ({widest:g}) of one of them: it could never count")
        pair = Pair(near_m=one.near_m, near_min=one.near_min, wide_m=one.wide_m, wide_min=one.wide_min)
        pairs[one.of] = pairs[one.of[1], one.of[0]] = pair
    return pairs


def _positive(name: str, about: object, *members: str) -> None:
    for member in members:
        value = getattr(about, member)
        if not (math.isfinite(value) and value > 0):
            raise PolicyError(f"{name} has {member} = {value:g}; it must be a number above 0")
