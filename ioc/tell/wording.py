"""A message in the words of its recipient: made of what it tells alone, so that it is the same however often it is
sent."""

import datetime as dt
from collections.abc import Sequence

import msgspec

from ioc.incidents.severity import rank
from ioc.tell.channel import Item, Message
from ioc.tell.notification import Topic

EVERYTHING = "/inbox"
"""The page that has all of what a message of several things tells."""

_URGENT = {"vi": "KHẨN", "en": "URGENT"}
_STILL_OPEN = {"vi": "Vẫn chưa xong", "en": "Still open"}
_MORE = {"vi": "Còn {more} việc khác, xem trong trang.", "en": "{more} more, see the page."}
_AND = {"vi": "{title} (và {more} việc khác)", "en": "{title} (and {more} more)"}


class Spoken(msgspec.Struct, frozen=True, kw_only=True):
    """A notification in both languages, as it is kept."""

    thread: str
    topic: Topic
    severity: str
    title: str
    title_en: str
    body: str
    body_en: str
    link: str
    ticket: str | None
    incident: str | None
    at: dt.datetime


class Envelope(msgspec.Struct, frozen=True, kw_only=True):
    """What a message is beside what it tells. `repeats`: it says again what was told before."""

    id: str
    recipient: str
    language: str
    severity: str
    repeats: bool
    created: dt.datetime


def _item(spoken: Spoken, language: str) -> Item:
    vi = language != "en"
    return Item(
        topic=spoken.topic,
        severity=spoken.severity,
        title=spoken.title if vi else spoken.title_en or spoken.title,
        body=spoken.body if vi else spoken.body_en or spoken.body,
        link=spoken.link,
        ticket=spoken.ticket,
        incident=spoken.incident,
        at=spoken.at,
    )


def _lines(item: Item) -> str:
    return f"{item.title}\n{item.body}" if item.body else item.title


def message_of(envelope: Envelope, spoken: Sequence[Spoken], count: int, receipt: str = "") -> Message:
    """The message that tells `spoken` (at least one), which are the first of `count`. The worst comes first."""
    language = envelope.language if envelope.language in _MORE else "vi"
    ordered = sorted(spoken, key=lambda one: (-rank(one.severity), one.at))
    items = tuple(_item(one, language) for one in ordered)
    more, first = count - len(items), items[0]
    subject = first.title if count == 1 else _AND[language].format(title=first.title, more=count - 1)
    if envelope.repeats:
        subject = f"{_STILL_OPEN[language]}: {subject}"
    if envelope.severity == "extreme":
        subject = f"[{_URGENT[language]}] {subject}"
    parts = [*map(_lines, items), *([_MORE[language].format(more=more)] if more else [])]
    threads = {one.thread for one in spoken}
    return Message(
        id=envelope.id,
        recipient=envelope.recipient,
        language=language,
        subject=" ".join(subject.split()),
        text="\n\n".join(parts),
        items=items,
        more=more,
        link=first.link if count == 1 and first.link else EVERYTHING,
        thread=threads.pop() if len(threads) == 1 and count == len(items) else f"to:{envelope.recipient}",
        severity=envelope.severity,
        topic=first.topic,
        receipt=receipt,
        created=envelope.created,
    )
