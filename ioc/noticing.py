"""From an agency's message to a notice that is kept: in whose words, of which category, and where."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import msgspec
from shapely.geometry.base import BaseGeometry

from feeds.cap import Alert, Area, Info
from gis.observation import Notice, NoticeKind, Reference
from gis.outline import ewkt, outline
from gis.stamp import uuid7
from ioc.incidents.told import Wording
from ioc.store import notices
from ioc.store.database import Transaction
from ioc.store.placing import Placed, place_of, shape_of_units

FARTHEST_M = 100_000.0
"""Metres that a notice's place may be off; what is wider says no more about a place."""

_SEVERITIES = ("Extreme", "Severe", "Moderate", "Minor", "Unknown")


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A notice before its place is known. `shape` is where it holds, `codes` are official codes of units."""

    name: Reference
    status: str = "actual"
    kind: NoticeKind = "alert"
    references: tuple[Reference, ...] = ()
    category: str = "other"
    event: str = ""
    severity: str = "unknown"
    urgency: str = "unknown"
    certainty: str = "unknown"
    headline: str = ""
    headline_en: str = ""
    description: str = ""
    instruction: str = ""
    place: str = ""
    onset: dt.datetime | None = None
    expires: dt.datetime | None = None
    over: bool = False
    numbers: tuple[str, ...] = ()
    shape: BaseGeometry | None = None
    codes: tuple[str, ...] = ()


def draft_of(alert: Alert, wording: Wording) -> Draft:
    """What a CAP message says: in Vietnamese, else in English, else in its first language.

    Of several events in that language the gravest speaks; where it holds is where any of them does, until the last
    of them ends.
    """
    told = alert.chosen("vi", "en")
    areas = [area for info in (told if any(one.areas for one in told) else alert.infos) for area in info.areas]
    draft = Draft(
        name=Reference(alert.sent, alert.sender, alert.identifier),
        status=alert.status.lower(),
        kind=alert.kind.lower(),  # type: ignore[arg-type]
        references=alert.references,
        numbers=tuple(f"{alert.sender}:{one}" for one in alert.incidents),
        shape=_shape(areas),
        codes=_codes(areas, wording),
        place="; ".join(area.description for area in areas)[:1_000],
    )
    if not told:
        return msgspec.structs.replace(draft, headline=alert.note)
    speaks = min(told, key=lambda one: _SEVERITIES.index(one.severity))
    return msgspec.structs.replace(draft, **_words(alert, told, speaks, wording))


def _words(alert: Alert, told: tuple[Info, ...], speaks: Info, wording: Wording) -> dict[str, Any]:
    english = alert.spoken("en")
    ends = [one.expires for one in told if one.expires is not None]
    words = " ".join((speaks.event, speaks.headline))
    return {
        **{name: getattr(speaks, name).lower() for name in ("severity", "urgency", "certainty")},
        **{name: getattr(speaks, name) for name in ("event", "description", "instruction", "onset")},
        "category": wording.category_of(words, speaks.categories),
        "headline": speaks.headline or speaks.event,
        "headline_en": (english[0].headline or english[0].event) if english else "",
        "expires": max(ends) if len(ends) == len(told) else None,
        "over": _is_over(alert, told),
    }


def _is_over(alert: Alert, told: tuple[Info, ...]) -> bool:
    """All-clear; an update on what is past is one, too. A first message may tell of what is past: an earthquake."""
    clear = all(any(word.lower() == "allclear" for word in one.responses) for one in told)
    return clear or (alert.kind == "Update" and all(one.urgency == "Past" for one in told))


def _shape(areas: list[Area]) -> BaseGeometry | None:
    rings = [ring for area in areas for ring in area.polygons]
    return outline(rings, [(one.centre, one.radius_km) for area in areas for one in area.circles])


def _codes(areas: list[Area], wording: Wording) -> tuple[str, ...]:
    named = (pair for area in areas for pair in area.geocodes)
    return tuple(dict.fromkeys(value for system, value in named if system.lower() in wording.geocodes.names))


class Intake:
    """Keeps notices. `home` is the centre of those that concern no place here."""

    def __init__(
        self, home: str, zone: dt.tzinfo, now: Callable[[], dt.datetime], entropy: Callable[[int], bytes]
    ) -> None:
        self._home = home
        self._zone = zone
        self._now = now
        self._entropy = entropy

    async def made(self, transaction: Transaction, draft: Draft, feed: str = "") -> tuple[Notice, str | None]:
        """The notice of a draft, with its place, and its shape as EWKT."""
        now = self._now()
        day = min(draft.name.sent, now).astimezone(self._zone).date()
        shape = ewkt(draft.shape) if draft.shape is not None else None
        if shape is None and draft.codes:
            shape = await shape_of_units(transaction, list(draft.codes), day)
        placed = await place_of(transaction, shape, day) if shape is not None else None
        return self._notice(draft, feed, placed, now), shape

    def _notice(self, draft: Draft, feed: str, placed: Placed | None, now: dt.datetime) -> Notice:
        centre, position = (placed.centre, placed.position) if placed is not None else (self._home, None)
        same = {name: getattr(draft, name) for name in Notice.__struct_fields__ if name in Draft.__struct_fields__}
        return Notice(
            id=str(uuid7(now, self._entropy(10))),
            stamp=notices.stamp_of(centre, notices.source_of(feed, draft.name.sender), draft.name, position),
            sender=draft.name.sender,
            identifier=draft.name.identifier,
            area=placed.area if placed is not None else "",
            feed=feed,
            error_m=min(placed.reach_m, FARTHEST_M) if placed is not None else 0.0,
            **same,
        )
