"""The XML of ONVIF's events, read safely: no document types, no entities, bounded in size, depth and number.

Names are told apart by their namespaces' addresses, never by prefixes, which each maker chooses for itself. What was
cut out of an envelope and has lost its declarations is read by local names. Elements of a message's data come out as
the JSON of ONVIF Core, "XML to JSON conversion guidance", so that both forms of an event are understood by one reader.
"""

import re
from collections.abc import Iterator
from typing import Any
from xml.parsers import expat

import msgspec

from cameras.foreign import LARGEST_PAYLOAD

DEEPEST = 48
MOST_ELEMENTS = 20_000

SCHEMA = "http://www.onvif.org/ver10/schema"
NOTIFICATION = "http://docs.oasis-open.org/wsn/b-2"
EVENTS = "http://www.onvif.org/ver10/events/wsdl"
ADDRESSING = ("http://www.w3.org/2005/08/addressing", "http://schemas.xmlsoap.org/ws/2004/08/addressing")
ENVELOPES = ("http://www.w3.org/2003/05/soap-envelope", "http://schemas.xmlsoap.org/soap/envelope/")

_GAP = " "


class XmlError(Exception):
    """It cannot be read; the text says why."""


class Element(msgspec.Struct):
    """An element: the address of its namespace (empty when it has none), its local name, attributes by local name."""

    space: str
    name: str
    attributes: dict[str, str]
    children: "list[Element]"
    pieces: list[str]

    @property
    def text(self) -> str:
        """Its own text without the blanks around it."""
        return "".join(self.pieces).strip()

    def is_(self, name: str, *spaces: str) -> bool:
        """Whether it is the element of a namespace; one without any counts, too."""
        return self.name == name and (not self.space or self.space in spaces)

    def find(self, name: str, *spaces: str) -> "Element | None":
        """The first child of a name."""
        return next((child for child in self.children if child.is_(name, *spaces)), None)

    def every(self, name: str, *spaces: str) -> "Iterator[Element]":
        """All elements of a name below this one, in the order of the document; none inside another of them."""
        for child in self.children:
            if child.is_(name, *spaces):
                yield child
            else:
                yield from child.every(name, *spaces)


def parse(payload: bytes, largest: int = LARGEST_PAYLOAD) -> Element:
    """The root element. Raises XmlError."""
    if len(payload) > largest:
        raise XmlError(f"it has {len(payload)} bytes; at most {largest} are taken")
    payload = payload.lstrip(b"\xef\xbb\xbf \t\r\n")
    try:
        return _Tree(namespaces=True).read(payload)
    except expat.ExpatError as error:
        if error.code != expat.errors.codes[expat.errors.XML_ERROR_UNBOUND_PREFIX]:
            raise XmlError(f"it is no XML: {error}") from error
    try:
        return _Tree(namespaces=False).read(payload)
    except expat.ExpatError as error:
        raise XmlError(f"it is no XML: {error}") from error


class _Tree:
    """Builds elements out of what expat reports."""

    def __init__(self, *, namespaces: bool) -> None:
        self._parser = expat.ParserCreate(namespace_separator=_GAP if namespaces else None)
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = self._forbidden
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters
        self._open = [Element("", "", {}, [], [])]
        self._count = 0

    def read(self, payload: bytes) -> Element:
        try:
            self._parser.Parse(payload, True)
        except (ValueError, LookupError) as error:  # an encoding that nobody knows
            raise XmlError(f"it is no XML: {error}") from error
        return self._open[0].children[0]

    def _forbidden(self, *_: object) -> None:
        raise XmlError("it declares a document type, which no camera needs and which is never read")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if self._count > MOST_ELEMENTS or len(self._open) > DEEPEST:
            raise XmlError(f"it has more than {MOST_ELEMENTS} elements, or lies deeper than {DEEPEST}")
        space, local = _split(name)
        element = Element(space, local, {_split(key)[1]: value for key, value in attributes.items()}, [], [])
        self._open[-1].children.append(element)
        self._open.append(element)

    def _end(self, _: str) -> None:
        self._open.pop()

    def _characters(self, text: str) -> None:
        self._open[-1].pieces.append(text)


def _split(name: str) -> tuple[str, str]:
    space, gap, local = name.rpartition(_GAP)
    return (space, local) if gap else ("", name.rpartition(":")[2])


def as_json(element: Element) -> Any:
    """An element as ONVIF writes it in JSON: attributes behind @, text as #text, repeated children as a list."""
    found: dict[str, Any] = {f"@{name}": value for name, value in element.attributes.items()}
    for child in element.children:
        value = as_json(child)
        if child.name not in found:
            found[child.name] = value
        elif isinstance(found[child.name], list):
            found[child.name].append(value)
        else:
            found[child.name] = [found[child.name], value]
    if not found:
        return element.text or None
    return found | ({"#text": element.text} if element.text else {})


def items(element: Element | None) -> dict[str, Any]:
    """The simple and the complex items of a message's Source, Key or Data by their names."""
    found: dict[str, Any] = {}
    for child in element.children if element is not None else ():
        name = child.attributes.get("Name", "")
        if child.is_("SimpleItem", SCHEMA) and name:
            found[name] = child.attributes.get("Value", child.text)
        elif child.is_("ElementItem", SCHEMA) and name:
            found[name] = {inner.name: as_json(inner) for inner in child.children}
    return found


def fault_of(root: Element) -> str:
    """The sentence and the codes of a SOAP fault, 1.1 or 1.2; empty when there is none."""
    fault = next(root.every("Fault", *ENVELOPES), None) if not root.is_("Fault", *ENVELOPES) else root
    if fault is None:
        return ""
    codes = [one.text for name in ("Value", "faultcode") for one in fault.every(name, *ENVELOPES)]
    said = [one.text for name in ("Text", "faultstring") for one in fault.every(name, *ENVELOPES)]
    details = [one.name for detail in fault.every("Detail", *ENVELOPES) for one in detail.children]
    return re.sub(r"\s+", " ", " ".join((*said, *codes, *details)))[:300] or "without a word"
