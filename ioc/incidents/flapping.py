"""An alarm that is raised again and again is named so, and what follows belongs to it instead of being new. Pure.

The name is a member of the alarm's evidence. As long as it flaps its incident stays open, and each further raise is
linked to that incident by a number of the episode; the alarm itself is raised and cleared as ever.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from gis.layers import moment
from ioc.incidents.alarm import Alarm
from ioc.incidents.quality import FLAPS, FLAPS_WITHIN

NAME = "flapping"
"""The member of an alarm's evidence, and what the number of an episode begins with."""

KINDS = ("sensor", "camera", "system")
"""Sources whose alarms can flap: what people and agencies say is no instrument."""


class Flap(msgspec.Struct, frozen=True):
    """An episode: how often the alarm was raised in it, since when, and until when it flaps unless it is raised
    again."""

    raises: int
    since: dt.datetime
    until: dt.datetime


class Raise(msgspec.Struct, frozen=True):
    """An earlier raise of the same key; `flap` where it was named."""

    at: dt.datetime
    flap: Flap | None = None


def flap_of(evidence: Mapping[str, Any]) -> Flap | None:
    """The episode that evidence tells of."""
    told = evidence.get(NAME)
    return None if told is None else msgspec.convert(told, Flap)


def followed(raised: dt.datetime, before: Iterable[Raise]) -> Flap | None:
    """The episode in which an alarm is raised now; None while it does not flap."""
    past = [one for one in before if one.at <= raised]
    going_on = [one.flap for one in past if one.flap is not None and one.flap.until >= raised]
    if going_on:
        last = max(going_on, key=lambda flap: flap.until)
        return Flap(last.raises + 1, last.since, raised + FLAPS_WITHIN)
    recent = [one.at for one in past if raised - one.at <= FLAPS_WITHIN]
    if len(recent) + 1 < FLAPS:
        return None
    return Flap(len(recent) + 1, min(recent), raised + FLAPS_WITHIN)


def named(alarm: Alarm, flap: Flap) -> Alarm:
    """The alarm with the name, and the number by which it is linked to what flapped before."""
    told = {"raises": flap.raises, "since": moment(flap.since), "until": moment(flap.until)}
    number = f"{NAME}:{alarm.key}@{moment(flap.since)}"
    numbers = tuple(dict.fromkeys((*alarm.numbers, number)))
    return msgspec.structs.replace(alarm, evidence={**alarm.evidence, NAME: told}, numbers=numbers)


def kept(before: Alarm, after: Alarm) -> Alarm:
    """The after-image of an alarm with the name that the alarm has."""
    flap = flap_of(before.evidence)
    return after if flap is None else named(after, flap)


def repeats(alarm: Alarm) -> bool:
    """Whether an alarm only goes on with what was named before: it is told as a repeat, and reopens nothing."""
    flap = flap_of(alarm.evidence)
    return flap is not None and flap.raises > FLAPS


def name_all(alarms: Sequence[Alarm], before: Mapping[str, Sequence[Raise]]) -> list[Alarm]:
    """Newly raised alarms, each named where it flaps; `before` are the earlier raises by key."""
    past = {key: list(raises) for key, raises in before.items()}
    found = {}
    for alarm in sorted(alarms, key=lambda one: one.raised_at):
        flap = followed(alarm.raised_at, past.get(alarm.key, ())) if alarm.source_kind in KINDS else None
        past.setdefault(alarm.key, []).append(Raise(alarm.raised_at, flap))
        found[alarm.id] = alarm if flap is None else named(alarm, flap)
    return [found[alarm.id] for alarm in alarms]
