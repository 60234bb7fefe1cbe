"""XML from outside, read safely: no document type, no entity, nothing fetched; bounded in size, depth and number.

Elements are told apart by the address of their namespace and their local name, never by prefixes.
"""

from collections.abc import Iterator
from xml.parsers import expat

import msgspec

DEEPEST = 32
MOST_ELEMENTS = 50_000
MOST_ATTRIBUTES = 64
_GAP = " "


class MarkupError(Exception):
    """It cannot be read. `code` is not_xml, doctype or large; the text says why."""

    def __init__(self, code: str, why: str) -> None:
        super().__init__(why)
        self.code = code


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

    def every(self, name: str, space: str | None = None) -> "Iterator[Element]":
        """Its children of a name, in their order; None: of any namespace."""
        return (one for one in self.children if one.name == name and space in (None, one.space))

    def first(self, name: str, space: str | None = None) -> "Element | None":
        """The first child of a name."""
        return next(self.every(name, space), None)


def parse(payload: bytes, largest: int) -> Element:
    """The root element of a document of at most `largest` bytes. Raises MarkupError."""
    if len(payload) > largest:
        raise MarkupError("large", f"it has {len(payload)} bytes, more than {largest}")
    try:
        return _Tree().read(_trimmed(payload))
    except expat.ExpatError as error:
        raise MarkupError("not_xml", str(error)) from error
    except (ValueError, LookupError) as error:  # an encoding that nobody knows, or not that of the text
        raise MarkupError("not_xml", str(error)[:200]) from error


def _trimmed(payload: bytes) -> bytes:
    """Without blank lines before the declaration, which some senders leave there and XML 1.0 forbids."""
    mark = b"\xef\xbb\xbf"
    return (
        payload.removeprefix(mark).lstrip(b" \t\r\n")
        if payload[:1] in (b"\xef", b" ", b"\t", b"\r", b"\n")
        else payload
    )


class _Tree:
    """Builds elements out of what expat reports."""

    def __init__(self) -> None:
        self._parser = expat.ParserCreate(namespace_separator=_GAP)
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = self._forbidden
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters
        self._open = [Element("", "", {}, [], [])]
        self._count = 0

    def read(self, payload: bytes) -> Element:
        self._parser.Parse(payload, True)
        return self._open[0].children[0]

    def _forbidden(self, *_: object) -> None:
        raise MarkupError("doctype", "it declares a document type, which is never read")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if self._count > MOST_ELEMENTS or len(self._open) > DEEPEST or len(attributes) > MOST_ATTRIBUTES:
            raise MarkupError("large", f"it has more than {MOST_ELEMENTS} elements, or lies deeper than {DEEPEST}")
        space, _, local = name.rpartition(_GAP)
        made = Element(space, local, {key.rpartition(_GAP)[2]: value for key, value in attributes.items()}, [], [])
        self._open[-1].children.append(made)
        self._open.append(made)

    def _end(self, _: str) -> None:
        self._open.pop()

    def _characters(self, text: str) -> None:
        self._open[-1].pieces.append(text)
