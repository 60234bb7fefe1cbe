"""The audit trail for those who check: search, export, the state of the chain, and a test of the SOC's feed."""

import zoneinfo

import msgspec
from aiohttp import web

from ioc.access.scope import EVERYTHING, Scope
from ioc.api import deeds
from ioc.api.answer import said
from ioc.api.caller import CALLER
from ioc.api.models_audit import AuditEntry, AuditPage, ChainState, SocTest, Verification
from ioc.api.parts import PARTS, Parts
from ioc.api.problems import ProblemError
from ioc.api.query import Query, bad, interval
from ioc.audit.chain import Entry, Head, written
from ioc.audit.lines import ending, line
from ioc.store import audit
from ioc.store.database import Transaction

READERS = frozenset({"assessor", "admin"})
"""Roles that may read the trail."""

_LIMIT_DEFAULT = 100
_LIMIT_MOST = 1_000
_BATCH = 500
_SPAN = ("from", "to")
_WORDS = ("who", "act", "kind", "thing", "outcome")
_OUTCOMES = ("done", "refused", "failed")


def reader(request: web.Request, *, whole: bool = False) -> Scope:
    """What of the trail the caller may read. Problem 403 for the wrong role, and for a part where all is needed.

    The chain is one for the whole installation, so whoever sees a part of it can search but not verify.
    """
    person = request[CALLER].person
    if person.role not in READERS:
        raise ProblemError("not-allowed")
    everything = person.centre is None and not getattr(person, "areas", ())
    if whole and not everything:
        raise ProblemError("not-allowed")
    return EVERYTHING if everything else request[CALLER].scope


def _zone(parts: Parts) -> zoneinfo.ZoneInfo:
    return zoneinfo.ZoneInfo(parts.settings.timezone)


def _wanted(parts: Parts, query: Query) -> audit.Search:
    """What is looked for; `from` and `to` are moments or days of the centre's zone, both inclusive."""
    words = {name: query.text(name) or None for name in _WORDS}
    if words["outcome"] not in (None, *_OUTCOMES):
        raise bad("outcome", " | ".join(_OUTCOMES))
    first, last = (query.text(name) or ".." for name in _SPAN)
    since, until = interval(f"{first}/{last}", _zone(parts)) if (first, last) != ("..", "..") else (None, None)
    after = query.whole("after", 0, 1, (1 << 63) - 1) or None
    return audit.Search(**words, since=since, until=until, after=after)


def _shown(found: audit.Found) -> AuditEntry:
    plain = {name: getattr(found.entry, name) for name in Entry.__struct_fields__ if name != "at"}
    mark = None if found.hash is None else found.hash.hex()
    return AuditEntry(**plain, at=written(found.entry.at), seq=found.seq, hash=mark)


async def _state(transaction: Transaction) -> ChainState:
    head, late = await audit.head(transaction), await audit.waiting(transaction)
    since = None if late.since is None else written(late.since)
    return ChainState(seq=head.seq, hash=head.hash.hex(), waiting=late.rows, waiting_since=since)


async def search(request: web.Request) -> web.Response:
    """`GET /api/v1/audit`: a page of the trail, newest first. Reading it is a deed of its own."""
    parts, scope = request.app[PARTS], reader(request)
    query = Query(request.rel_url.query, {*_WORDS, *_SPAN, "after", "limit"})
    wanted, limit = _wanted(parts, query), query.whole("limit", _LIMIT_DEFAULT, 1, _LIMIT_MOST)
    async with parts.database.transaction(scope) as transaction:
        found = await audit.search(transaction, wanted, limit + 1)
        state = await _state(transaction)
        await deeds.note(request, transaction, "audit.read", "audit", after=wanted.asked() | {"limit": limit})
    entries = [_shown(one) for one in found[:limit]]
    return said(AuditPage(entries=entries, next=entries[-1].id if len(found) > limit else None, chain=state))


async def export(request: web.Request) -> web.StreamResponse:
    """`GET /api/v1/audit/export?from=&to=`: a contiguous part of the chain as NDJSON, which `ioc check audit --file`
    verifies; its last line ends it.
    """
    parts, scope = request.app[PARTS], reader(request, whole=True)
    wanted = _wanted(parts, Query(request.rel_url.query, set(_SPAN)))
    async with parts.database.transaction(scope) as transaction:
        span = await audit.range_of(transaction, wanted.since, wanted.until)
        after = wanted.asked() | {"first": span.first, "last": span.last}
        await deeds.note(request, transaction, "audit.export", "audit", after=after)
    response = web.StreamResponse()
    response.content_type = "application/x-ndjson"
    response.headers["Content-Disposition"] = f'attachment; filename="audit-{span.first}-{span.last}.ndjson"'
    await response.prepare(request)
    rows, last = 0, Head(span.first - 1, b"")
    while last.seq < span.last:
        async with parts.database.transaction(scope, read_only=True) as transaction:
            batch = await audit.sealed_after(transaction, last.seq, min(_BATCH, span.last - last.seq))
        if not batch:
            break  # rows are gone: the chain of the file ends early and its last line tells
        await response.write(b"".join(line(row) for row in batch))
        rows, last = rows + len(batch), batch[-1].head
    await response.write(ending(rows, last))
    await response.write_eof()
    return response


async def verify(request: web.Request) -> web.Response:
    """`POST /api/v1/audit/verify`: recomputes the whole chain."""
    parts = request.app[PARTS]
    reader(request, whole=True)
    await deeds.noted(request, "audit.verify", "audit")
    known = parts.known_head()
    report = await audit.verify(parts.database, [known] if known is not None else [])
    fault = report.fault
    return said(
        Verification(
            holds=fault is None,
            rows=report.rows,
            seq=report.last.seq,
            hash=report.last.hash.hex(),
            fault=None if fault is None else fault.kind,
            at=None if fault is None else fault.seq,
            sentence="" if fault is None else fault.sentence,
            waiting=report.waiting.rows,
        )
    )


async def soc_test(request: web.Request) -> web.Response:
    """`POST /api/v1/audit/soc-test`: sends a test message to the security centre and says how that went."""
    parts = request.app[PARTS]
    reader(request, whole=True)
    async with parts.database.transaction(EVERYTHING, read_only=True) as transaction:
        head = await audit.head(transaction)
    tried = await parts.try_soc(head)
    outcome = "done" if tried.sent else "failed"
    await deeds.noted(request, "soc.test", "soc", outcome=outcome, after={"problem": tried.problem})
    return said(SocTest(**msgspec.structs.asdict(tried)))


def routes(app: web.Application) -> None:
    """Add the audit trail to an application."""
    app[deeds.REFUSALS] = deeds.Refusals()
    app.router.add_get("/api/v1/audit", search)
    app.router.add_get("/api/v1/audit/export", export)
    app.router.add_post("/api/v1/audit/verify", verify)
    app.router.add_post("/api/v1/audit/soc-test", soc_test)
