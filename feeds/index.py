"""Indexes of CAP messages: Atom (RFC 4287) and RSS 2.0, of which the links and what tells a new state are read."""

from collections.abc import Iterator
from urllib.parse import urljoin

import msgspec

from feeds.cap import is_alert
from feeds.markup import Element

ATOM = "http://www.w3.org/2005/Atom"
MOST_ENTRIES = 2_000


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One message of an index. `state` changes when it does; `inside` is the message where the index holds it."""

    address: str
    state: str
    inside: Element | None = None


def is_index(root: Element) -> bool:
    """Whether an element is a feed of one of both kinds."""
    return (root.name == "feed" and root.space == ATOM) or (root.name == "rss" and not root.space)


def entries(root: Element, base: str) -> list[Entry]:
    """The messages that an index names, in its order, each address once; relative ones are of `base`."""
    found = _of_atom(root, base) if root.name == "feed" else _of_rss(root, base)
    unique: dict[str, Entry] = {}
    for one in found:
        if one.address or one.inside is not None:
            unique.setdefault(one.address or one.state, one)
        if len(unique) == MOST_ENTRIES:
            break
    return list(unique.values())


def _text(element: Element, name: str, space: str) -> str:
    found = element.first(name, space)
    return found.text if found is not None else ""


def _of_atom(root: Element, base: str) -> Iterator[Entry]:
    for entry in root.every("entry", ATOM):
        content = entry.first("content", ATOM)
        inside = next((one for one in content.children if is_alert(one)), None) if content is not None else None
        state = f"{_text(entry, 'id', ATOM)} {_text(entry, 'updated', ATOM)}"
        yield Entry(address=_absolute(base, _link(entry)), state=state, inside=inside)


def _link(entry: Element) -> str:
    """The link to the message: of CAP's media type, else that of the entry itself."""
    links = [one.attributes for one in entry.every("link", ATOM) if one.attributes.get("href")]
    cap = [one for one in links if one.get("type", "") == "application/cap+xml"]
    own = [one for one in links if one.get("rel", "alternate") == "alternate"]
    return next((one["href"] for one in (*cap, *own)), "")


def _of_rss(root: Element, base: str) -> Iterator[Entry]:
    for channel in root.every("channel", ""):
        for item in channel.every("item", ""):
            inside = next((one for one in item.children if is_alert(one)), None)
            state = f"{_text(item, 'guid', '')} {_text(item, 'pubDate', '')}"
            yield Entry(address=_absolute(base, _text(item, "link", "")), state=state, inside=inside)


def _absolute(base: str, link: str) -> str:
    try:
        return urljoin(base, link) if link else ""
    except ValueError:
        return link
