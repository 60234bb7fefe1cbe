"""A CAP feed by its address: one message, or an Atom or RSS index of messages.

What was kept is remembered only after it is durable, and so is the server's mark of an unchanged index: whatever fails
on the way, a message comes at the next look, and twice it changes nothing. In a new process everything is looked at
once more.
"""

from collections import OrderedDict
from collections.abc import Sequence

import msgspec

from feeds import cap, index
from feeds.feed import Answer, Call, FeedError, Round, Sink
from feeds.markup import Element, MarkupError, parse

LARGEST_INDEX = 8 * 2**20
"""Bytes of an index; the United States' own, with all that is in force there, has under one."""

MOST_CALLS = 50
"""Documents that are fetched in one look; the rest come at the next."""

REMEMBERED = 20_000
WITHIN_S = 20.0

ACCEPTED = "application/cap+xml, application/atom+xml, application/rss+xml, application/xml;q=0.9, text/xml;q=0.9"


class CapFeed:
    """One feed. `url` is looked at each `interval_s` seconds."""

    def __init__(self, code: str, url: str, call: Call, interval_s: float = 60.0) -> None:
        self.code = code
        self.interval_s = interval_s
        self._url = url
        self._call = call
        self._seen: OrderedDict[str, str] = OrderedDict()
        self._failed: set[str] = set()
        self._marks: dict[str, str] = {}

    async def look(self, sink: Sink) -> Round:
        """Bring what is new. Raises FeedError, and whatever the sink raises."""
        answer = await self._ask(self._url, LARGEST_INDEX, self._marks)
        if answer.status == 304 and self._marks:
            return Round()
        marks, self._marks = _marks(answer), {}
        if answer.status != 200:
            raise FeedError(f"status_{answer.status}", f"the feed answers with status {answer.status}")
        try:
            root = parse(answer.body, LARGEST_INDEX)
        except MarkupError as error:
            raise FeedError(error.code, f"the feed is no XML that can be read: {error}") from error
        done = Round()
        if cap.is_alert(root):
            done.listed = 1
            await self._take(sink, done, self._url, answer.body, root)
        elif index.is_index(root):
            await self._follow(sink, done, index.entries(root, self._url))
        else:
            raise FeedError("not_cap", "the feed is neither a CAP message nor an Atom or RSS index of them")
        if not done.missing:
            self._marks = marks  # not before all that it stands for is durable
        return done

    async def _ask(self, url: str, most_bytes: int, marks: dict[str, str]) -> Answer:
        try:
            headers = {"Accept": ACCEPTED, **marks}
            return await self._call("GET", url, headers=headers, most_bytes=most_bytes, within_s=WITHIN_S)
        except OSError as error:
            raise FeedError(str(getattr(error, "code", "unreachable")), str(error)) from error

    async def _follow(self, sink: Sink, done: Round, entries: Sequence[index.Entry]) -> None:
        """Take what an index names and was not seen as it is now; what failed before comes last."""
        done.listed = len(entries)
        new = [one for one in entries if self._seen.get(one.address or one.state) != one.state]
        calls = 0
        for one in sorted(new, key=lambda one: one.address in self._failed):
            calls += one.inside is None
            if calls > MOST_CALLS:
                done.missing += 1
                done.why = f"more than {MOST_CALLS} new messages at once; the rest come at the next look"
                continue
            try:
                await self._entry(sink, done, one)
            except FeedError as error:
                self._failed.add(one.address)
                done.missing += 1
                done.why = str(error)
            except Exception:  # of what keeps it, which may be away; if it is this message, it comes last from now on
                self._failed.add(one.address)
                raise
            else:
                self._failed.discard(one.address)
                self._remember(one)
        self._failed &= {one.address for one in new}

    async def _entry(self, sink: Sink, done: Round, entry: index.Entry) -> None:
        if entry.inside is not None:
            await self._take(sink, done, entry.address or self._url, None, entry.inside)
            return
        answer = await self._ask(entry.address, cap.LARGEST, {})
        if answer.status != 200:
            raise FeedError(f"status_{answer.status}", f"a message answers with status {answer.status}")
        await self._take(sink, done, entry.address, answer.body, None)

    async def _take(self, sink: Sink, done: Round, address: str, payload: bytes | None, root: Element | None) -> None:
        """Keep a message, or what was no message with the reason. One that an index holds has no bytes of its own."""
        try:
            alert = cap.alert_of(root) if root is not None else cap.read(payload or b"")
        except cap.CapError as error:
            await sink.refuse(address, payload or msgspec.json.encode(root), f"cap_{error.code}", str(error))
            done.refused += 1
            return
        if await sink.keep(alert):
            done.kept += 1
        else:
            done.repeated += 1

    def _remember(self, entry: index.Entry) -> None:
        key = entry.address or entry.state
        self._seen[key] = entry.state
        self._seen.move_to_end(key)
        while len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)


def _marks(answer: Answer) -> dict[str, str]:
    """What the server wants to be asked with, to say that nothing has changed (RFC 9110, 13.1)."""
    pairs = {
        "If-None-Match": answer.headers.get("etag", ""),
        "If-Modified-Since": answer.headers.get("last-modified", ""),
    }
    return {name: value for name, value in pairs.items() if value and len(value) <= 500 and value.isprintable()}
