"""Alarms as the episodes of a rule say they are: a new one, one that went on, and those of a key set right."""

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from ioc.incidents.alarm import Alarm, Source, told
from ioc.incidents.order import Episode
from ioc.incidents.rules import Rule


def first_image(key: str, rule: Rule, episode: Episode, source: Source, new_id: str) -> Alarm:
    """A new alarm of an episode; `after_image` enters what its values say."""
    return Alarm(
        id=new_id,
        key=key,
        rule=rule.name,
        category=rule.category,
        severity=episode.severity,
        source_kind="sensor",
        source=source,
        property=rule.measured,
        raised_at=episode.raised_at,
        seen_at=episode.seen_at,
        cleared_at=None,
        count=episode.count,
        evidence={},
        **told(rule, episode.severity, source.name),
    )


def after_image(alarm: Alarm, episode: Episode) -> Alarm:
    """An alarm as its episode says it is."""
    last = episode.last
    evidence: dict[str, Any] = {**alarm.evidence, "worst": episode.worst}
    evidence.pop("withdrawn", None)
    if last is not None:
        about = {"rule": last.rule.name, "rule_source": last.rule.source, "at": last.at}
        evidence = _as_kept({**last.evidence, **about, "worst": episode.worst})
    return msgspec.structs.replace(
        alarm,
        rule=last.rule.name if last is not None else alarm.rule,
        severity=episode.severity,
        raised_at=episode.raised_at,
        seen_at=episode.seen_at,
        cleared_at=episode.cleared_at,
        count=episode.count,
        evidence=evidence,
        **(told(last.rule, episode.severity, alarm.source.name) if last is not None else {}),
    )


def _as_kept(evidence: dict[str, Any]) -> dict[str, Any]:
    """As it comes back from the store, so that the same evidence is known as the same."""
    return {name: one.isoformat() if isinstance(one, dt.datetime) else one for name, one in evidence.items()}


def reconcile(written: Sequence[Alarm], episodes: Sequence[Episode], new: Callable[[Episode], Alarm]) -> list[Alarm]:
    """The after-images that make the alarms of a key say what the true order says; what is right is left alone.

    An alarm is known by when it was raised. What was told and did not hold is withdrawn: it stays, as an alarm
    that ended when it began. A wrong moment of raising is corrected on the alarm that told it.
    """
    spare = sorted(written, key=_place)
    matched = [_taken(spare, episode.raised_at) for episode in episodes]
    spare = [alarm for alarm in spare if not withdrawn(alarm)]
    changed = []
    for episode, known in zip(episodes, matched, strict=True):
        alarm = known or (spare.pop(0) if spare else None)
        after = after_image(alarm if alarm is not None else new(episode), episode)
        if after != alarm:
            changed.append(after)
    return [*map(withdraw, spare), *sorted(changed, key=lambda one: one.cleared_at is None)]


def _place(alarm: Alarm) -> tuple[dt.datetime, bool, dt.datetime, str]:
    """In the order in which they held; of one moment the one that still holds last."""
    return alarm.raised_at, alarm.cleared_at is None, alarm.cleared_at or alarm.seen_at, alarm.id


def _taken(alarms: list[Alarm], raised_at: dt.datetime) -> Alarm | None:
    for place, alarm in enumerate(alarms):
        if alarm.raised_at == raised_at:
            return alarms.pop(place)
    return None


def withdrawn(alarm: Alarm) -> bool:
    """Whether an alarm was told and turned out not to have held."""
    return bool(alarm.evidence.get("withdrawn"))


def withdraw(alarm: Alarm) -> Alarm:
    """The alarm as one that ended when it began."""
    evidence = {**alarm.evidence, "withdrawn": True}
    return msgspec.structs.replace(alarm, cleared_at=alarm.raised_at, seen_at=alarm.raised_at, evidence=evidence)
