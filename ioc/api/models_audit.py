"""What the audit's routes answer."""

from typing import Any

import msgspec


class AuditEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One deed. `seq` and `hash` (hexadecimal) are null until it is sealed, within a second."""

    id: int
    at: str
    who: str
    act: str
    kind: str
    thing: str
    centre: str | None
    area: str | None
    address: str
    outcome: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    text: str
    seq: int | None
    hash: str | None


class ChainState(msgspec.Struct, frozen=True, kw_only=True):
    """The newest link (`seq` 0 before the first), and what waits for a seal."""

    seq: int
    hash: str
    waiting: int
    waiting_since: str | None


class AuditPage(msgspec.Struct, frozen=True, kw_only=True):
    """Rows, newest first; `next` is the `after` of the next page, null on the last."""

    entries: list[AuditEntry]
    next: int | None
    chain: ChainState


class Verification(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the chain holds. `fault` is one of changed, link, gap, removed, order, rewritten; `at` its place."""

    holds: bool
    rows: int
    seq: int
    hash: str
    fault: str | None
    at: int | None
    sentence: str
    waiting: int


class SocTest(msgspec.Struct, frozen=True, kw_only=True):
    """How the test went: `problem` is one of none, not-configured, unreachable, certificate, timeout."""

    sent: bool
    problem: str
    detail: str
    took_ms: int
