"""Names as they are compared when somebody looks for one, and which of those found comes first. Pure.

Accents, case, punctuation and the stroke of đ do not matter, nor does the order of words. `ioc_fold` of
0026_search.sql and ioc/wall/src/find/fold.ts do the same.
"""

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable, Sequence

import msgspec

from gis.position import Position

LONGEST = 100
"""So many characters may be looked for."""

MOST_WORDS = 8
LONGEST_WORD = 60
"""Letters of a word that are looked for; what follows them is left out."""

EACH = 4
"""So many of every kind are told before any kind has more."""

INNER = 3
"""A word of so many letters is found inside of words, a shorter one only where a word begins."""

KINDS = ("place", "area", "device", "camera", "incident", "ticket")
"""In the order in which things that match alike are told."""

_MARKS = re.compile("[\u0300-\u036f]")
_BETWEEN = re.compile(r"[^A-Za-z0-9]+")
_AXIS = r"([+-]?\d{1,3}(?:\.\d{1,9})?)"
_PAIR = re.compile(rf"{_AXIS}(?:\s*[,;]\s*|\s+){_AXIS}\Z", re.ASCII)
_NUMBER = re.compile(r"(?:#|no\.?|phieu|ticket)?\s*#?\s*(\d{1,18})\Z", re.ASCII)


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """Something that was found. `names` are what it is called, the first is shown; `over`: it has ended.

    `detail` tells it apart: a code, an area. `state`, `severity` and `until` (the last day of an area) as its kind
    has them; `successors` are the names of the areas that followed.
    """

    kind: str
    id: str
    names: tuple[str, ...]
    detail: str = ""
    position: tuple[float, float] | None = None
    state: str | None = None
    severity: str | None = None
    until: dt.date | None = None
    successors: tuple[str, ...] = ()
    over: bool = False


def fold(name: str) -> str:
    """The words of a name in lower case without accents, one space between them."""
    apart = _MARKS.sub("", unicodedata.normalize("NFD", name)).replace("đ", "d").replace("Đ", "D")
    return _BETWEEN.sub(" ", apart).strip().lower()


def words(text: str) -> tuple[str, ...]:
    """The words that are looked for, each once, at most MOST_WORDS."""
    return tuple(dict.fromkeys(word[:LONGEST_WORD] for word in fold(text).split()))[:MOST_WORDS]


def patterns(sought: Iterable[str]) -> list[str]:
    """What a folded name must be like (SQL), each of them."""
    return [f"%{word}%" if len(word) >= INNER else f"% {word}%" for word in sought]


def rank(folded: str, sought: Sequence[str]) -> int | None:
    """How well a folded name fits: 0 whole, 1 from its beginning, 2 at beginnings of words, 3 inside; else None."""
    whole = " ".join(sought)
    if folded == whole:
        return 0
    if folded.startswith(whole):
        return 1
    spaced = f" {folded}"
    if all(f" {word}" in spaced for word in sought):
        return 2
    inside = all(word in spaced if len(word) >= INNER else f" {word}" in spaced for word in sought)
    return 3 if inside else None


def ranked(one: Found, sought: Sequence[str]) -> int:
    """The best rank of any of its names; 3 where only all of them together have the words."""
    ranks = [found for name in one.names if (found := rank(fold(name), sought)) is not None]
    return min(ranks, default=3)


def ordered(found: Iterable[Found], sought: Sequence[str], limit: int) -> list[Found]:
    """The best first, of what fits alike what has ended last; incidents that have ended are behind everything else. No
    kind crowds the others out."""

    def place(one: Found) -> tuple[bool, int, bool, int]:
        return one.over and one.kind == "incident", ranked(one, sought), one.over, KINDS.index(one.kind)

    everything = sorted(found, key=place)
    seen: dict[str, int] = {}
    first: list[Found] = []
    more: list[Found] = []
    for one in everything:
        seen[one.kind] = seen.get(one.kind, 0) + 1
        (first if seen[one.kind] <= EACH else more).append(one)
    return sorted([*first, *more][:limit], key=place)


def position_of(text: str) -> Position | None:
    """A place that is written as two numbers, latitude first as on paper and in other maps; turned where only the
    other order lies on Earth. None when it is no place."""
    pair = _PAIR.match(text.strip())
    if pair is None:
        return None
    one, other = float(pair[1]), float(pair[2])
    if abs(one) > 90:
        one, other = other, one
    return Position(lon=other, lat=one) if abs(one) <= 90 and abs(other) <= 180 else None


def number_of(text: str) -> int | None:
    """The number of a ticket as people write it: 12, #12, phiếu 12."""
    spelt = _MARKS.sub("", unicodedata.normalize("NFD", text)).lower().strip()
    number = _NUMBER.match(spelt)
    return int(number[1]) if number else None
