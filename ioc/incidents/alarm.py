"""One condition that holds, from one source, under one key: raised, seen again, cleared; all idempotent."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import msgspec

from gis.position import Position
from ioc.incidents.rules import Rule, Verdict, titles

MATCHES = ("", "opened", "linked", "number", "manual", "waiting", "suppressed", "silenced", "history")
"""How an alarm came to its incident: not yet asked, it opened one, it was linked by place and time, by another system's
number, or by a person; or why it has none of its own: several would take it and a person decides, its parent is down,
it is silenced, it came too late to open anything."""


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """What raised an alarm, and where: the thing itself, or the place that a camera saw."""

    code: str
    name: str
    centre: str
    area: str
    position: Position


class Alarm(msgspec.Struct, frozen=True, kw_only=True):
    """The after-image of an alarm. `cleared_at` is None while the condition holds.

    `title` says in Vietnamese what holds and where, `title_en` in English. `match` is how it came to its incident (a
    word of MATCHES), `numbers` are the numbers that other systems gave the event (`<system>:<number>`), `error_m` is
    how far its place may be off, in metres.
    """

    id: str
    key: str
    rule: str
    category: str
    severity: str
    source_kind: str
    source: Source
    property: str
    raised_at: dt.datetime
    seen_at: dt.datetime
    cleared_at: dt.datetime | None
    count: int
    evidence: Mapping[str, Any]
    incident: str | None = None
    title: str = ""
    title_en: str = ""
    match: str = ""
    numbers: tuple[str, ...] = ()
    error_m: float = 0.0


def step(held: Alarm | None, verdict: Verdict, source: Source, new_id: str) -> Alarm | None:
    """The alarm after a verdict, or None when nothing changes.

    A verdict older than what the alarm has already seen belongs to history and changes nothing; nor does
    the one that it saw last, when it comes again.
    """
    if held is not None and (verdict.at < held.seen_at or _seen_last(held, verdict)):
        return None
    if verdict.severity is None:
        return None if held is None else msgspec.structs.replace(held, cleared_at=verdict.at, seen_at=verdict.at)
    if held is not None:
        return msgspec.structs.replace(
            held,
            severity=verdict.severity,
            rule=verdict.rule.name,
            seen_at=verdict.at,
            count=held.count + 1,
            evidence=evidence_of(verdict),
            **told(verdict.rule, verdict.severity, source.name),
        )
    return raised(verdict, source, new_id)


def evidence_of(verdict: Verdict) -> dict[str, Any]:
    """What an alarm shows of the verdict that it saw last."""
    return {**verdict.evidence, "rule": verdict.rule.name, "rule_source": verdict.rule.source, "at": verdict.at}


def raised(verdict: Verdict, source: Source, new_id: str) -> Alarm:
    """A new alarm of a verdict."""
    return Alarm(
        id=new_id,
        key=verdict.key,
        rule=verdict.rule.name,
        category=verdict.rule.category,
        severity=verdict.severity or verdict.rule.severity,
        source_kind=verdict.source_kind,
        source=source,
        property=verdict.property,
        raised_at=verdict.since or verdict.at,
        seen_at=verdict.at,
        cleared_at=None,
        count=1,
        evidence=evidence_of(verdict),
        **told(verdict.rule, verdict.severity or verdict.rule.severity, source.name),
    )


def told(rule: Rule, severity: str, name: str) -> dict[str, Any]:
    """The members of an alarm that say in both languages what holds."""
    title, title_en = titles(rule, severity, name)
    return {"title": title, "title_en": title_en}


def _seen_last(held: Alarm, verdict: Verdict) -> bool:
    return (
        verdict.at == held.seen_at
        and verdict.severity == held.severity
        and verdict.rule.name == held.rule
        and all(verdict.evidence.get(name) == held.evidence.get(name) for name in ("value", "sighting"))
    )


def quiet(held: Alarm, hold_s: float, now: dt.datetime) -> Alarm | None:
    """The alarm cleared by silence, when nothing was seen for `hold_s` seconds; None while it goes on."""
    if (now - held.seen_at).total_seconds() < hold_s:
        return None
    return msgspec.structs.replace(held, cleared_at=now)
