"""Rules about other rules at one place: all of them hold there, or any of them.

Pure: the times during which the others held go in, the times during which this one held come out. Nothing else counts,
neither when it is asked nor in which order the values behind it arrived.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

import msgspec

from gis import distance
from gis.position import Position
from ioc.incidents.conditions import Needs
from ioc.incidents.order import EVER, MOST_PAST, REMEMBERED, Episode, Memory, lately
from ioc.incidents.rules import Rule, Verdict, key_of
from ioc.incidents.severity import worst

SUBJECT = "place"
"""What stands for the property in the key of such a rule."""


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One time that one of the others held, at a source of the place."""

    rule: str
    source: str
    episode: Episode


class Span(msgspec.Struct, frozen=True, order=True):
    """From a moment (included) to another (excluded); `end` is None while it goes on."""

    begin: dt.datetime
    end: dt.datetime | None = None


def spans(parts: Iterable[Part], lasting: dt.timedelta) -> list[Span]:
    """When any of the parts held, or had held within `lasting` before; in order, none touching another."""
    found = [
        Span(one.episode.raised_at, None if one.episode.cleared_at is None else one.episode.cleared_at + lasting)
        for one in parts
    ]
    return _merged(found)


def _merged(found: Iterable[Span]) -> list[Span]:
    merged: list[Span] = []
    for one in sorted(found, key=lambda span: span.begin):
        last = merged[-1] if merged else None
        if last is None or (last.end is not None and one.begin > last.end):
            merged.append(one)
        elif last.end is not None and (one.end is None or one.end > last.end):
            merged[-1] = Span(last.begin, one.end)
    return [one for one in merged if one.end is None or one.end > one.begin]


def common(one: Sequence[Span], other: Sequence[Span]) -> list[Span]:
    """When both hold."""
    both = []
    for left in one:
        for right in other:
            begin = max(left.begin, right.begin)
            end = min((span.end for span in (left, right) if span.end is not None), default=None)
            if end is None or begin < end:
                both.append(Span(begin, end))
    return _merged(both)


def held(needs: Needs, operands: Sequence[Sequence[Part]]) -> list[Span]:
    """When the rule held, given what each of the rules that it needs held at the place."""
    each = [spans(parts, dt.timedelta(minutes=needs.minutes)) for parts in operands]
    if needs.match == "any":
        return _merged(span for found in each for span in found)
    together = each[0]
    for found in each[1:]:
        together = common(together, found)
    return together


class Operand(Protocol):
    """What a rule may need: something that says when it held. A track that remembers, or a place."""

    rule: Rule
    source: str
    key: str

    def episodes(self) -> list[Episode]:
        """What held lately, and what holds now."""


class Place:
    """One such rule at one source. `ends` is when what holds will be over by itself, None while a part goes on."""

    def __init__(self, rule: Rule, source: str) -> None:
        """Raises ValueError when the rule needs no others."""
        if rule.needs is None:
            raise ValueError(f"{rule.name} needs no other rules")
        self.rule = rule
        self.source = source
        self.key = key_of(rule, source, SUBJECT)
        self.needs = rule.needs
        self.operands: list[list[Operand]] = []
        self.held: Episode | None = None
        self.past: list[Episode] = []
        self.ends: dt.datetime | None = None
        self._saved: tuple[Any, ...] | None = None

    @property
    def keys(self) -> list[str]:
        """Those of its parts."""
        return [one.key for operand in self.operands for one in operand]

    def recall(self, memory: Memory) -> None:
        """Begin again with what was saved."""
        self.held, self.past = memory.held, list(memory.past)
        self.ends = EVER if self.held is not None else None  # judge it soon: nobody knows when it will be over

    def episodes(self) -> list[Episode]:
        """What held lately, and what holds now, in order."""
        return [*self.past, self.held] if self.held is not None else list(self.past)

    def memory(self) -> Memory | None:
        """What must be saved; None when there is nothing to remember."""
        if self.held is None and not self.past:
            return None
        bare = [msgspec.structs.replace(one, last=None) for one in self.episodes()]
        return Memory(held=bare.pop() if self.held is not None else None, past=bare)

    def worth_saving(self) -> bool:
        """Whether the memory differs from what was asked for last."""
        memory = self.memory()
        about = () if memory is None else (memory.held, tuple(memory.past))
        if about == self._saved:
            return False
        self._saved = about
        return True

    def since(self, now: dt.datetime) -> dt.datetime:
        """From when on all is known that held at the place: so long do the parts remember."""
        full = [one.episodes()[0] for operand in self.operands for one in operand if len(one.episodes()) > MOST_PAST]
        lasting = dt.timedelta(minutes=self.needs.minutes)
        return max([now - REMEMBERED / 2, *(one.raised_at + lasting for one in full)])

    def judge(self, now: dt.datetime) -> list[Episode]:
        """What held lately and holds at `now`, in order.

        What began before all that is remembered of the parts keeps its beginning.
        """
        parts = [
            [
                Part(rule=one.rule.name, source=one.source, episode=episode)
                for one in operand
                for episode in one.episodes()
            ]
            for operand in self.operands
        ]
        self.ends = None
        found = [self._episode(span, parts, now) for span in held(self.needs, parts) if span.begin <= now]
        holds = found[-1] if found and found[-1].cleared_at is None else None
        before = self.held
        if before is not None and holds is not None and before.raised_at < min(holds.raised_at, self.since(now)):
            holds = found[-1] = msgspec.structs.replace(holds, raised_at=before.raised_at)
        self.held = holds
        self.past = lately(found, now)
        return found

    def _episode(self, span: Span, parts: Sequence[Sequence[Part]], now: dt.datetime) -> Episode:
        ended = span.end is not None and span.end <= now
        if not ended:
            self.ends = span.end
        inside = [one for operand in parts for one in operand if self._overlaps(one.episode, span)]
        moments = [one.episode.raised_at for one in inside]
        moments += [one.episode.cleared_at for one in inside if one.episode.cleared_at is not None]
        seen = max([span.begin, *(at for at in moments if at <= (span.end or now))])
        verdict = Verdict(
            key=self.key,
            rule=self.rule,
            source=self.source,
            source_kind="sensor",
            property=SUBJECT,
            at=seen,
            severity=self.rule.severity,
            evidence={"parts": [_told(one) for one in inside]},
        )
        return Episode(
            raised_at=span.begin,
            seen_at=span.end if ended and span.end is not None else seen,
            severity=self.rule.severity,
            worst=worst([self.rule.severity]),
            count=len(inside),
            cleared_at=span.end if ended else None,
            last=verdict,
        )

    def _overlaps(self, episode: Episode, span: Span) -> bool:
        until = episode.cleared_at
        lasting = dt.timedelta(minutes=self.needs.minutes)
        return (until is None or until + lasting > span.begin) and (span.end is None or episode.raised_at < span.end)


def _told(part: Part) -> Mapping[str, Any]:
    """A part as it is shown."""
    one = part.episode
    return {
        "rule": part.rule,
        "source": part.source,
        "severity": one.worst,
        "raised_at": one.raised_at.isoformat(),
        "cleared_at": one.cleared_at.isoformat() if one.cleared_at is not None else None,
    }


def reference(rule: Rule, name: str) -> str:
    """A rule that another one names, as pack/code."""
    return name if "/" in name else f"{rule.pack}/{name}"


def referred(rule: Rule) -> tuple[str, ...]:
    """The rules that a rule needs, as pack/code."""
    return tuple(reference(rule, name) for name in rule.needs.rules) if rule.needs is not None else ()


def faults(rules: Collection[Rule]) -> Iterator[tuple[Rule, str]]:
    """The rules whose needs cannot be met by the others, each with a sentence that says why."""
    known = {rule.reference: rule for rule in rules}
    for rule in rules:
        for name in referred(rule):
            other = known.get(name)
            if other is None:
                yield rule, f"needs.rules names {name}, which is not in force"
            elif other.needs is None and (not other.measured or other.absent_s):
                yield rule, f"needs.rules names {name}, which is not about the values of a property"
        if rule.needs is not None and rule.reference in _below(rule, known):
            yield rule, "needs.rules leads back to the rule itself"


def _below(rule: Rule, known: Mapping[str, Rule]) -> set[str]:
    """All rules that a rule needs, and those that they need."""
    found, ahead = set[str](), list(referred(rule))
    while ahead:
        name = ahead.pop()
        if name not in found:
            found.add(name)
            ahead += referred(known[name]) if name in known else ()
    return found


def in_turn(rules: Collection[Rule]) -> list[Rule]:
    """The rules with needs that can be met, each after those that it needs."""
    known = {rule.reference: rule for rule in rules if rule.needs is not None}
    bad = {rule.reference for rule, _ in faults(rules)}
    while more := {name for name, rule in known.items() if name not in bad and bad & set(referred(rule))}:
        bad |= more
    good = [rule for name, rule in known.items() if name not in bad]
    return sorted(good, key=lambda rule: (len(_below(rule, known)), rule.reference))


def near(here: Position, there: Position, metres: float) -> bool:
    """Whether two positions are at most so many metres apart."""
    return distance.metres(*here.lonlat, *there.lonlat) <= metres
