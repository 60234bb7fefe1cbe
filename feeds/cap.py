"""CAP 1.0, 1.1 and 1.2 (OASIS, 2010-07-01), read strictly where a mistake would mislead and forgivingly elsewhere.

Refused, each with one sentence: what is no CAP alert, what lacks an element that the standard requires or leaves it
empty, what has one twice that may come once, words that are none of the standard's, times without a zone, and places
that are none. Passed over: empty optional elements, elements of other namespaces (signatures), unknown elements.
Text stays text: markup in it is not read.
"""

import datetime as dt
import math
import re
from collections.abc import Iterator, Sequence

import msgspec

from feeds.markup import Element, MarkupError, parse
from gis.observation import Reference
from gis.position import Position

NAMESPACES = {
    "urn:oasis:names:tc:emergency:cap:1.2": "1.2",
    "urn:oasis:names:tc:emergency:cap:1.1": "1.1",
    "http://www.incident.com/cap/1.0": "1.0",
    "urn:oasis:names:tc:emergency:cap:1.0": "1.0",
}

LARGEST = 1024 * 1024
"""Bytes of a message; the largest that are seen have a tenth of it."""

MOST_INFOS, MOST_AREAS, MOST_CORNERS, MOST_REFERENCES = 64, 1_000, 20_000, 500
LONGEST_NAME, LONGEST_LINE, LONGEST_TEXT = 500, 1_000, 20_000
"""Characters of names (longer ones are refused), of lines and of texts (which are cut)."""

LARGEST_RADIUS_KM = 20_000.0

STATUSES = ("Actual", "Exercise", "System", "Test", "Draft")
KINDS = ("Alert", "Update", "Cancel", "Ack", "Error")
SCOPES = ("Public", "Restricted", "Private")
CATEGORIES = (
    *("Geo", "Met", "Safety", "Security", "Rescue", "Fire", "Health", "Env", "Transport", "Infra", "CBRNE", "Other"),
)
URGENCIES = ("Immediate", "Expected", "Future", "Past", "Unknown")
SEVERITIES = ("Extreme", "Severe", "Moderate", "Minor", "Unknown")
CERTAINTIES = ("Observed", "Likely", "Possible", "Unlikely", "Unknown", "Very Likely")
"""The last is of CAP 1.0, and means Likely (CAP 1.2, 3.2.2, certainty)."""

_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:?\d\d)\Z", re.ASCII)
_UNNAMED = re.compile(r"[\s,<&]")
"""What may not be in an identifier or a sender (3.2.1)."""

WANTED = {
    "identifier": "a text without blanks, commas, < and &",
    "sender": "a text without blanks, commas, < and &",
    "time": "a time such as 2025-10-29T07:00:00+07:00",
    "polygon": "at least four lat,lon pairs, the last like the first",
    "circle": "lat,lon and a radius in km",
    "references": "sender,identifier,sent of each, with blanks between",
}


class CapError(ValueError):
    """A message that is refused. `code` is one of not_xml, doctype, large, not_cap, missing, repeated, wrong; `name` is
    the element, `why` what was wanted or found."""

    def __init__(self, code: str, name: str = "", why: str = "") -> None:
        self.code, self.name, self.why = code, name, why
        super().__init__(_SENTENCES[code].format(name=name, why=why))


_SENTENCES = {
    "not_xml": "it is no XML that can be read: {why}",
    "doctype": "it declares a document type, which is never read",
    "large": "it is larger than a CAP message may be: {why}",
    "not_cap": "it is no CAP alert: {why}",
    "missing": "it lacks <{name}>, which CAP requires",
    "repeated": "it has <{name}> more than once",
    "wrong": "its <{name}> cannot be used: CAP wants {why}",
}


REFUSALS = tuple(_SENTENCES)
"""The codes of refusals."""


class Circle(msgspec.Struct, frozen=True):
    """A point and all within a radius."""

    centre: Position
    radius_km: float


class Area(msgspec.Struct, frozen=True, kw_only=True):
    """Where it holds. Polygons are closed rings; geocodes are pairs of a system's name and a value."""

    description: str
    polygons: tuple[tuple[Position, ...], ...] = ()
    circles: tuple[Circle, ...] = ()
    geocodes: tuple[tuple[str, str], ...] = ()


class Info(msgspec.Struct, frozen=True, kw_only=True):
    """What it says in one language; words as the standard writes them."""

    language: str
    categories: tuple[str, ...]
    event: str
    responses: tuple[str, ...]
    urgency: str
    severity: str
    certainty: str
    effective: dt.datetime | None
    onset: dt.datetime | None
    expires: dt.datetime | None
    sender_name: str
    headline: str
    description: str
    instruction: str
    areas: tuple[Area, ...]


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """A message. Times are aware."""

    version: str
    identifier: str
    sender: str
    sent: dt.datetime
    status: str
    kind: str
    scope: str
    note: str
    references: tuple[Reference, ...]
    incidents: tuple[str, ...]
    infos: tuple[Info, ...]

    def spoken(self, language: str) -> tuple[Info, ...]:
        """The blocks in a language (`vi`, `en`), by the first part of its name; they may tell of several events."""
        return tuple(one for one in self.infos if one.language.lower().split("-")[0] == language)

    def chosen(self, *languages: str) -> tuple[Info, ...]:
        """The blocks in the first of some languages that it speaks, else in that of its first block."""
        wanted = (*languages, *(one.language.lower().split("-")[0] for one in self.infos[:1]))
        return next((found for language in wanted if (found := self.spoken(language))), ())


def read(payload: bytes, largest: int = LARGEST) -> Alert:
    """The alert of a document. Raises CapError."""
    try:
        root = parse(payload, largest)
    except MarkupError as error:
        raise CapError(error.code, why=str(error)) from error
    return alert_of(root)


def is_alert(root: Element) -> bool:
    """Whether an element is an alert of a known version."""
    return root.name == "alert" and root.space in NAMESPACES


def alert_of(root: Element) -> Alert:
    """The alert that an element is. Raises CapError."""
    if not is_alert(root):
        known = (
            "its namespace is none of CAP 1.0, 1.1 and 1.2" if root.name == "alert" else f"its root is <{root.name}>"
        )
        raise CapError("not_cap", why=known[:200])
    reader = _Reader(root.space)
    infos = tuple(reader.info(one) for one in reader.several(root, "info", MOST_INFOS))
    return Alert(
        version=NAMESPACES[root.space],
        identifier=reader.name(root, "identifier"),
        sender=reader.name(root, "sender"),
        sent=reader.moment(root, "sent", needed=True) or _NEVER,
        status=reader.word(root, "status", STATUSES),
        kind=reader.word(root, "msgType", KINDS),
        scope=reader.word(root, "scope", SCOPES),
        note=reader.line(root, "note"),
        references=reader.references(root),
        incidents=tuple(one[:LONGEST_NAME] for one in reader.text(root, "incidents").split()[:100]),
        infos=infos,
    )


_NEVER = dt.datetime(1, 1, 1, tzinfo=dt.UTC)

YEARS = range(1900, 9000)
"""What lies beyond is no time of a warning, and who adds hours to it would fall off the calendar."""


class _Reader:
    """Reads elements of one namespace."""

    def __init__(self, space: str) -> None:
        self._space = space
        self._old = NAMESPACES[space] == "1.0"

    def several(self, parent: Element, name: str, most: int) -> list[Element]:
        """All children of a name. Raises CapError when there are too many."""
        found = list(parent.every(name, self._space))
        if len(found) > most:
            raise CapError("large", why=f"more than {most} of <{name}>")
        return found

    def text(self, parent: Element, name: str, *, needed: bool = False) -> str:
        """The text of the one child of a name; empty when it is not there, or empty."""
        found = self.several(parent, name, MOST_AREAS)
        if len(found) > 1:
            raise CapError("repeated", name)
        text = found[0].text if found else ""
        if needed and not text:
            raise CapError("missing", name)
        return text

    def line(self, parent: Element, name: str, most: int = LONGEST_LINE) -> str:
        """A text for people, cut where it is longer than anybody reads."""
        text = self.text(parent, name)
        return text if len(text) <= most else f"{text[: most - 1]}…"

    def name(self, parent: Element, name: str) -> str:
        """An identifier or a sender."""
        text = self.text(parent, name, needed=True)
        if len(text) > LONGEST_NAME or _UNNAMED.search(text):
            raise CapError("wrong", name, WANTED[name])
        return text

    def word(self, parent: Element, name: str, words: Sequence[str]) -> str:
        """One of the standard's words, however its letters are written."""
        text = self.text(parent, name, needed=True)
        return _word(name, text, words)

    def words(self, parent: Element, name: str, words: Sequence[str]) -> tuple[str, ...]:
        """The words of all children of a name; empty ones are passed over."""
        found = (one.text for one in self.several(parent, name, 100))
        return tuple(_word(name, text, words) for text in found if text)

    def moment(self, parent: Element, name: str, *, needed: bool = False) -> dt.datetime | None:
        """A time with its zone."""
        text = self.text(parent, name, needed=needed)
        return _moment(name, text) if text else None

    def references(self, root: Element) -> tuple[Reference, ...]:
        """What it refers to; the sender of a reference may have a comma in it, its identifier and time may not."""
        found = []
        named = self.text(root, "references").split()
        if len(named) > MOST_REFERENCES:
            raise CapError("large", why=f"more than {MOST_REFERENCES} references")
        for text in named:
            parts = text.rsplit(",", 2)
            if len(parts) != 3 or not all(parts) or len(text) > 3 * LONGEST_NAME:
                raise CapError("wrong", "references", WANTED["references"])
            found.append(Reference(_moment("references", parts[2]), parts[0], parts[1]))
        return tuple(dict.fromkeys(found))

    def info(self, element: Element) -> Info:
        """One block."""
        categories = self.words(element, "category", CATEGORIES)
        if not categories and not self._old:
            raise CapError("missing", "category")
        event = self.line(element, "event")
        if not event:
            raise CapError("missing", "event")
        urgency, severity = self.word(element, "urgency", URGENCIES), self.word(element, "severity", SEVERITIES)
        certainty = self.word(element, "certainty", CERTAINTIES)
        return Info(
            language=self.text(element, "language")[:50] or "en-US",
            categories=categories,
            event=event,
            responses=tuple(one.text for one in self.several(element, "responseType", 100)),
            urgency=urgency,
            severity=severity,
            certainty="Likely" if certainty == "Very Likely" else certainty,
            **{name: self.moment(element, name) for name in ("effective", "onset", "expires")},
            sender_name=self.line(element, "senderName"),
            headline=self.line(element, "headline"),
            description=self.line(element, "description", LONGEST_TEXT),
            instruction=self.line(element, "instruction", LONGEST_TEXT),
            areas=tuple(self._areas(element)),
        )

    def _areas(self, info: Element) -> Iterator[Area]:
        corners = 0
        for one in self.several(info, "area", MOST_AREAS):
            description = self.line(one, "areaDesc", 4 * LONGEST_LINE)
            if not description:
                raise CapError("missing", "areaDesc")
            polygons = tuple(_polygon(ring.text) for ring in self.several(one, "polygon", MOST_AREAS) if ring.text)
            corners += sum(map(len, polygons))
            if corners > MOST_CORNERS:
                raise CapError("large", why=f"more than {MOST_CORNERS} corners of polygons")
            circles = tuple(_circle(circle.text) for circle in self.several(one, "circle", MOST_AREAS) if circle.text)
            geocodes = tuple(self._pairs(one, "geocode"))
            yield Area(description=description, polygons=polygons, circles=circles, geocodes=geocodes)

    def _pairs(self, parent: Element, name: str) -> Iterator[tuple[str, str]]:
        for one in self.several(parent, name, 5 * MOST_AREAS):
            if self._old and one.text and "=" in one.text:  # CAP 1.0 writes name=value
                system, _, value = one.text.partition("=")
                yield system.strip()[:LONGEST_LINE], value.strip()[:LONGEST_LINE]
                continue
            system, value = (self.text(one, part)[:LONGEST_LINE] for part in ("valueName", "value"))
            if system and value:
                yield system, value


def _word(name: str, text: str, words: Sequence[str]) -> str:
    found = next((word for word in words if word.lower() == text.lower()), None)
    if found is None:
        raise CapError("wrong", name, " | ".join(words))
    return found


def _moment(name: str, text: str) -> dt.datetime:
    try:
        if not _MOMENT.match(text):
            raise ValueError(text)
        clean = re.sub(r"[Zz]\Z", "+00:00", text.upper())
        found = dt.datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", clean)).astimezone(dt.UTC)
        if found.year not in YEARS:
            raise ValueError(text)
        return found
    except (ValueError, OverflowError) as error:
        raise CapError("wrong", name, WANTED["time"]) from error


def _position(name: str, text: str) -> Position:
    parts = text.split(",")
    try:
        lat, lon = map(float, parts)
        return Position(lon=lon, lat=lat)
    except ValueError as error:
        raise CapError("wrong", name, WANTED[name]) from error


def _polygon(text: str) -> tuple[Position, ...]:
    ring = tuple(_position("polygon", pair) for pair in text.split())
    if len(ring) < 4 or ring[0] != ring[-1]:
        raise CapError("wrong", "polygon", WANTED["polygon"])
    return ring


def _circle(text: str) -> Circle:
    place, _, radius = text.strip().partition(" ")
    try:
        radius_km = float(radius)
    except ValueError as error:
        raise CapError("wrong", "circle", WANTED["circle"]) from error
    if not (math.isfinite(radius_km) and 0 <= radius_km <= LARGEST_RADIUS_KM):
        raise CapError("wrong", "circle", WANTED["circle"])
    return Circle(_position("circle", place), radius_km)
