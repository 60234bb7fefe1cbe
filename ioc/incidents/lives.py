"""Alarms of what cameras see go on: each holds until all of its lives have ended, in whatever order that is told.

Several things may go on under one key (two people loiter in one zone). Of each life the newest report counts, so that
repetition and shuffling change nothing; a life that is told no more is ended by the silence that `alarm.quiet` waits
for, because a worker that died tells no end.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from ioc.incidents import alarm as alarms
from ioc.incidents.alarm import Alarm, Source
from ioc.incidents.rules import Verdict

GOING_ON = "going_on"
"""The member of an alarm's evidence with the newest report of each life, by its id: [time, whether it ended]."""

REMEMBERED = dt.timedelta(minutes=10)
"""How long an ended life is remembered, in event time, so that a report that comes late does not wake it."""

Lives = dict[str, tuple[dt.datetime, bool]]


def step(held: Alarm | None, verdict: Verdict, source: Source, new_id: str) -> Alarm | None:
    """The alarm after a verdict on a sighting, or None when nothing changes.

    An end whose start was never seen makes an alarm that is over, as start and end together would have.
    """
    if not verdict.life:
        return alarms.step(held, verdict, source, new_id)
    alarm = held if held is not None else alarms.raised(verdict, source, new_id)
    lives = _lives(held)
    before, ends = lives.get(verdict.life), verdict.severity is None
    if before is not None and (verdict.at, ends) <= before:
        return None
    lives[verdict.life] = (verdict.at, ends)
    seen_at = max(alarm.seen_at, verdict.at)
    severity = verdict.severity or alarm.severity
    return msgspec.structs.replace(
        alarm,
        severity=severity,
        rule=verdict.rule.name,
        raised_at=min(alarm.raised_at, verdict.since or verdict.at),
        seen_at=seen_at,
        cleared_at=seen_at if all(over for _, over in lives.values()) else None,
        count=alarm.count + (held is not None and before is None),
        evidence=_evidence(alarm, verdict) | {GOING_ON: _told(lives, seen_at)},
        **alarms.told(verdict.rule, severity, source.name),
    )


def is_history(verdict: Verdict, seen: dt.datetime) -> bool:
    """Whether a verdict opens nothing, when no alarm of its key holds and the newest has seen a moment.

    What came before that moment is over; an end says nothing new of a life that began before it.
    """
    if not verdict.life:
        return verdict.at < seen
    return (verdict.since or verdict.at if verdict.severity is None else verdict.at) <= seen


def went_on(over: Iterable[Alarm], verdict: Verdict, source: Source) -> Alarm | None:
    """The alarm that a silence ended, after a late report of its life from before that end; None when there is none.

    `over` are alarms of the key that held at the moment of the report. What the silence ended stays so: the report
    shows only that it was told of for longer.
    """
    for alarm in over:
        if verdict.life in alarm.evidence.get(GOING_ON, {}):
            after = step(alarm, verdict, source, alarm.id)
            return alarm if after is None else msgspec.structs.replace(after, cleared_at=alarm.cleared_at)
    return None


def _evidence(alarm: Alarm, verdict: Verdict) -> dict[str, Any]:
    """What is shown: of the newest report, with the last picture, the box in it, the last clip, and the peaks."""
    before, told = alarm.evidence, alarms.evidence_of(verdict)
    if verdict.at < alarm.seen_at:
        return dict(before)
    if told.get("picture") is None and before.get("picture") is not None:
        told |= {name: before.get(name) for name in ("picture", "box", "sighting", "object_class")}
    if told.get("clip") is None and before.get("clip") is not None:
        told["clip"] = before["clip"]
    return told | {
        name: max(told[name], before[name]) for name in ("count", "share") if name in told and name in before
    }


def _lives(held: Alarm | None) -> Lives:
    told: Mapping[str, tuple[str, bool]] = held.evidence.get(GOING_ON, {}) if held is not None else {}
    return {name: (dt.datetime.fromisoformat(at), over) for name, (at, over) in told.items()}


def _told(lives: Lives, seen_at: dt.datetime) -> dict[str, list[Any]]:
    kept = {name: life for name, life in lives.items() if not life[1] or seen_at - life[0] < REMEMBERED}
    return {name: [at.isoformat(), over] for name, (at, over) in kept.items()}
