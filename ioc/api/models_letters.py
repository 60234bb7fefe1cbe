"""What the routes about refused messages take and answer."""

from typing import Annotated

import msgspec

Moment = Annotated[str, msgspec.Meta(description="RFC 3339, UTC")]


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """A refused message. `head` is its first 4 kB in base64, `text` the same as far as it is UTF-8.

    `skew_s`: how far a time that was not believed lies from the arrival, in seconds; negative: before it. `whole`:
    nothing is missing in `head`, so that it can be replayed. `again`: why it was refused when it was last replayed.
    `mended_at`: when it was understood, or closed by hand.
    """

    id: int
    centre: str | None
    area: str | None
    source: str
    topic: str
    code: str
    reason: str
    skew_s: float | None
    size: int = msgspec.field(name="bytes")
    sha256: str
    head: str
    text: str
    whole: bool
    arrived_at: Moment
    replayed_at: Moment | None
    mended_at: Moment | None
    again: str


class Letters(msgspec.Struct, frozen=True, kw_only=True):
    """Letters, newest first; `next` is the `before` of the next page, null on the last.

    `count` is how many the filter finds on all pages; 10,000 stands for that many or more.
    """

    letters: list[Letter]
    next: int | None
    count: int


class Close(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why a letter needs nothing any more: what was looked at, and done where it asked for it."""

    why: Annotated[str, msgspec.Meta(min_length=1, max_length=1_000)]


class Replay(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which letters to replay, of those that are not mended, oldest first; `after` is the `next` of the last call."""

    code: Annotated[str, msgspec.Meta(max_length=64)] = ""
    source: Annotated[str, msgspec.Meta(max_length=64)] = ""
    since: Annotated[str, msgspec.Meta(max_length=40)] = ""
    after: Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)] = 0
    limit: Annotated[int, msgspec.Meta(ge=1, le=200)] = 100


class Replayed(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one letter; `outcome` is mended or refused. `kept` of its readings were new, `repeated` known."""

    id: int
    outcome: str
    kept: int
    repeated: int
    reason: str


class ReplayedAll(msgspec.Struct, frozen=True, kw_only=True):
    """What came of several; `cut` could not be tried, because only their beginning was kept."""

    tried: int
    mended: int
    refused: int
    cut: int
    kept: int
    repeated: int
    next: int | None
