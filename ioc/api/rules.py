"""Rules: read with their history, changed version by version, overridden for a device or an area.

A rule holds in the whole installation, so only who administers all of it changes one; who administers a centre or some
areas sets the limits of what is there.
"""

import logging
from collections.abc import Collection, Iterable
from typing import Any

import msgspec
from aiohttp import web

from ioc.access.rights import allows
from ioc.access.scope import Thing
from ioc.api import deeds, idempotency, models_rules
from ioc.api.answer import said
from ioc.api.caller import CALLER
from ioc.api.parts import PARTS
from ioc.api.problems import ProblemError
from ioc.api.query import Query, bad, storable
from ioc.api.surface import BODY
from ioc.incidents.rules import Rule
from ioc.rulebook import rule_of
from ioc.store import rules as kept
from ioc.store.database import Transaction
from ioc.store.rules import Kept, Override, Step

LOG = logging.getLogger("ioc.api")

FILTERS = ("pack", "category", "profile", "property", "device", "enabled", "after", "limit")
_LIMIT_DEFAULT, _LIMIT_MOST = 100, 500
_NEWEST = (1 << 31) - 1


def seeing(request: web.Request) -> None:
    """Problem for who may see no rules."""
    if not allows(request[CALLER].person.role, "see", "rule"):
        raise ProblemError("not-allowed")


def managing(request: web.Request) -> None:
    """Problem for who may change no rules."""
    if not allows(request[CALLER].person.role, "manage", "rule"):
        raise ProblemError("not-allowed")


def _whole(request: web.Request) -> None:
    """Problem for who administers less than the whole installation."""
    managing(request)
    scope = request[CALLER].scope
    if scope.centres is not None or scope.areas is not None or scope.cameras is not None:
        raise ProblemError("not-allowed")


def _origin(one: Kept) -> models_rules.Origin:
    if one.shipped is None:
        return "people"
    return "pack" if one.body == kept.apart(one.shipped)[0] else "changed"


def told(one: Kept, hidden: Collection[str] = ()) -> models_rules.Rule:
    """A rule as it is answered, without the devices that its reader may not see."""
    plain = {name: getattr(one, name) for name in models_rules.Rule.__struct_fields__ if hasattr(one, name)}
    origin = _origin(one)
    of_pack = kept.apart(one.shipped)[0] if one.shipped is not None and origin == "changed" else None
    more = {
        "name": f"{one.pack}/{one.code}@{one.version}",
        "origin": origin,
        "pack_version": one.shipped_version,
        "pack_rule": None if of_pack is None else _without(of_pack, hidden),
        "rule": _without(one.body, hidden),
        "overrides": [models_rules.Override(kind=o.kind, subject=o.subject, levels=o.body) for o in one.overrides],
        "fault": _fault(one),
    }
    return models_rules.Rule(**plain | more)


def _fault(one: Kept) -> str | None:
    try:
        rule_of(one)
    except ValueError as error:
        return str(error)
    return None


def _without(body: dict[str, Any], hidden: Collection[str]) -> dict[str, Any]:
    named = body.get("sources")
    return body if not named or not hidden else body | {"sources": [code for code in named if code not in hidden]}


async def _hidden(transaction: Transaction, request: web.Request, found: Iterable[Kept]) -> set[str]:
    """The devices and cameras that rules name and that the reader may not see."""
    scope = request[CALLER].scope
    if scope.centres is None and scope.areas is None and scope.cameras is None:
        return set()
    named = {code for one in found for body in (one.body, one.shipped or {}) for code in body.get("sources", ())}
    return named - await kept.seen(transaction, named) if named else set()


async def _told(request: web.Request, transaction: Transaction, pack: str, code: str) -> models_rules.Rule:
    """The newest version of a rule for who asks. Problem 404 when there is none."""
    found = await kept.one(transaction, pack, code)
    if found is None:
        raise ProblemError("not-found")
    return told(found, await _hidden(transaction, request, [found]))


def _wanted(query: Query) -> tuple[kept.Wanted, tuple[str, str]]:
    words = {name: query.text(name) or "" for name in ("pack", "category", "profile", "property", "device")}
    enabled = None if query.text("enabled") is None else query.flag("enabled")
    pack, slash, code = (query.text("after") or "/").partition("/")
    if not slash:
        raise bad("after", "pack/code")
    return kept.Wanted(**words, enabled=enabled), (pack, code)


async def listed(request: web.Request) -> web.Response:
    """`GET /api/v1/rules`: the newest version of each, by pack and code."""
    seeing(request)
    query = Query(request.rel_url.query, set(FILTERS))
    wanted, after = _wanted(query)
    limit = query.whole("limit", _LIMIT_DEFAULT, 1, _LIMIT_MOST)
    async with request.app[PARTS].database.transaction(request[CALLER].scope, read_only=True) as transaction:
        found = await kept.page(transaction, wanted, after, limit + 1)
        count = await kept.count(transaction, wanted)
        hidden = await _hidden(transaction, request, found)
    page = [told(one, hidden) for one in found[:limit]]
    last = f"{page[-1].pack}/{page[-1].code}" if len(found) > limit else None
    return said(models_rules.Rules(rules=page, next=last, count=count))


def named(request: web.Request) -> tuple[str, str]:
    """Pack and code in the path."""
    return storable("pack", request.match_info["pack"]), storable("code", request.match_info["code"])


async def read(request: web.Request) -> web.Response:
    """`GET /api/v1/rules/{pack}/{code}`, with `?version=` an older one."""
    seeing(request)
    query = Query(request.rel_url.query, {"version"})
    version = query.whole("version", 0, 1, _NEWEST) or None
    async with request.app[PARTS].database.transaction(request[CALLER].scope, read_only=True) as transaction:
        found = await kept.one(transaction, *named(request), version)
        if found is None:
            raise ProblemError("not-found")
        return said(told(found, await _hidden(transaction, request, [found])))


async def versions(request: web.Request) -> web.Response:
    """`GET /api/v1/rules/{pack}/{code}/versions`: newest first."""
    seeing(request)
    query = Query(request.rel_url.query, {"before", "limit"})
    before, limit = query.whole("before", _NEWEST, 1, _NEWEST), query.whole("limit", _LIMIT_DEFAULT, 1, _LIMIT_MOST)
    async with request.app[PARTS].database.transaction(request[CALLER].scope, read_only=True) as transaction:
        await _told(request, transaction, *named(request))
        found = await kept.versions(transaction, *named(request), before, limit + 1)
    page = [msgspec.convert(msgspec.structs.asdict(one), models_rules.Entry) for one in found[:limit]]
    return said(models_rules.Versions(versions=page, next=page[-1].version if len(found) > limit else None))


def checked(request: web.Request, content: dict[str, Any], pack: str, code: str, version: int = 1) -> Rule:
    """The rule in its type. Problem 422 with one sentence that says what is wrong with it."""
    try:
        rule = msgspec.convert(content | {"pack": pack, "code": code, "version": version}, Rule)
    except ValueError as error:
        raise ProblemError("rule-wrong", why=str(error).rstrip(".")[:300]) from None
    fault = request.app[PARTS].rule_fault(rule)
    if fault is not None:
        raise ProblemError("rule-wrong", why=fault.rstrip("."))
    return rule


def body_of(sent: dict[str, Any], own: Collection[str] = ()) -> dict[str, Any]:
    """The body that was sent. Problem for members that are no part of it."""
    for member in ("pack", "code", "version", *kept.KINDS):
        if member in sent and member not in own:
            raise ProblemError("unknown-member", name=f"rule.{member}")
    return {name: value for name, value in sent.items() if name not in own}


async def _locked(request: web.Request, transaction: Transaction, expected: int) -> Kept:
    """The rule of the path, held for a change. Problem 404, and 409 when it is not as the person saw it."""
    found = await kept.locked(transaction, *named(request))
    if found is None:
        raise ProblemError("not-found")
    if found.version != expected:
        current = told(found, await _hidden(transaction, request, [found]))
        raise ProblemError("stale-rule").carrying(current=msgspec.to_builtins(current))
    return found


async def _renewed(
    request: web.Request, transaction: Transaction, before: Kept, act: str, what: str, reason: str, **changes: Any
) -> web.Response:
    """Make the next version, note the deed with what was before and after it, and answer with what is there now."""
    person, place = request[CALLER].person.login, changes.pop("place", {})
    audit = changes.pop("audit", {})
    step = Step(what=what, at=request.app[PARTS].now(), who=person, reason=reason)
    version = await kept.renew(transaction, before, step, **changes)
    thing = f"{before.pack}/{before.code}"
    states = {"before": {"version": before.version} | audit.get("before", {})}
    states["after"] = {"version": version} | audit.get("after", {})
    await deeds.note(request, transaction, act, "rule", thing, text=reason, **place, **states)
    answer = said(await _told(request, transaction, before.pack, before.code))
    await idempotency.keep(request, transaction, answer)
    LOG.info("%s: rule %s is now @%d (%s)", person, thing, version, what)
    return answer


async def _same(request: web.Request, transaction: Transaction, before: Kept) -> web.Response:
    """Nothing changes, so that there is no new version."""
    answer = said(told(before, await _hidden(transaction, request, [before])))
    await idempotency.keep(request, transaction, answer)
    return answer


async def make(request: web.Request) -> web.Response:
    """`POST /api/v1/rules`: a rule of the installation's own."""
    _whole(request)
    asked: models_rules.NewRule = request[BODY]
    pack, code = asked.rule.get("pack"), asked.rule.get("code")
    if not isinstance(pack, str) or not isinstance(code, str):
        raise ProblemError("missing-member", name="rule.code" if isinstance(pack, str) else "rule.pack")
    body = body_of(asked.rule, ("pack", "code"))
    checked(request, body, pack, code)
    person, reason = request[CALLER].person.login, storable("reason", asked.reason)
    about: dict[str, Any] = {"what": "made", "at": request.app[PARTS].now(), "who": person, "reason": reason}
    new = Kept(pack=pack, code=code, version=1, enabled=asked.enabled, body=body, **about)
    async with request.app[PARTS].database.transaction(request[CALLER].scope) as transaction:
        if await kept.is_shipped(transaction, pack):
            raise ProblemError("pack-shipped")
        if not await kept.add(transaction, new):
            raise ProblemError("rule-taken")
        after = {"version": 1, "enabled": asked.enabled, "rule": body}
        await deeds.note(request, transaction, "rule.make", "rule", f"{pack}/{code}", text=reason, after=after)
        answer = said(await _told(request, transaction, pack, code), 201)
        await idempotency.keep(request, transaction, answer)
    LOG.info("%s: rule %s/%s@1 was made", person, pack, code)
    return answer


async def change(request: web.Request) -> web.Response:
    """`PUT /api/v1/rules/{pack}/{code}`: the next version, with another body."""
    _whole(request)
    asked: models_rules.NewVersion = request[BODY]
    body, reason = body_of(asked.rule), storable("reason", asked.reason)
    async with request.app[PARTS].database.transaction(request[CALLER].scope) as transaction:
        before = await _locked(request, transaction, asked.expected_version)
        return await _with_body(request, transaction, before, body, "change", "changed", reason)


async def restore(request: web.Request) -> web.Response:
    """`POST /api/v1/rules/{pack}/{code}/restore`: the body of an older version, or of the shipped pack."""
    _whole(request)
    asked: models_rules.Restore = request[BODY]
    reason = storable("reason", asked.reason)
    async with request.app[PARTS].database.transaction(request[CALLER].scope) as transaction:
        before = await _locked(request, transaction, asked.expected_version)
        if asked.version is None:
            if before.shipped is None:
                raise ProblemError("not-shipped")
            body = kept.apart(before.shipped)[0]
        else:
            older = await kept.one(transaction, *named(request), asked.version)
            if older is None:
                raise ProblemError("not-found")
            body = older.body
        return await _with_body(request, transaction, before, body, "restore", "restored", reason)


async def _with_body(
    request: web.Request,
    transaction: Transaction,
    before: Kept,
    body: dict[str, Any],
    act: str,
    what: str,
    reason: str,
) -> web.Response:
    content = msgspec.structs.replace(before, body=body).content
    checked(request, content, before.pack, before.code)
    if body == before.body:
        return await _same(request, transaction, before)
    audit = {"before": {"rule": before.body}, "after": {"rule": body}}
    return await _renewed(request, transaction, before, f"rule.{act}", what, reason, body=body, audit=audit)


async def enable(request: web.Request) -> web.Response:
    """`POST /api/v1/rules/{pack}/{code}/enable`."""
    return await _switch(request, enabled=True)


async def disable(request: web.Request) -> web.Response:
    """`POST /api/v1/rules/{pack}/{code}/disable`: what it holds open is cleared."""
    return await _switch(request, enabled=False)


async def _switch(request: web.Request, *, enabled: bool) -> web.Response:
    _whole(request)
    asked: models_rules.Step = request[BODY]
    word, reason = ("enable" if enabled else "disable"), storable("reason", asked.reason)
    async with request.app[PARTS].database.transaction(request[CALLER].scope) as transaction:
        before = await _locked(request, transaction, asked.expected_version)
        if before.enabled == enabled:
            return await _same(request, transaction, before)
        if enabled:
            checked(request, before.content, before.pack, before.code)
        return await _renewed(request, transaction, before, f"rule.{word}", f"{word}d", reason, enabled=enabled)


async def override(request: web.Request) -> web.Response:
    """`PUT /api/v1/rules/{pack}/{code}/devices/{subject}` and `…/areas/{subject}`."""
    managing(request)
    asked: models_rules.NewOverride = request[BODY]
    levels: dict[str, float] = {str(severity): limit for severity, limit in asked.levels.items()}
    return await _overridden(request, asked.expected_version, storable("reason", asked.reason), levels)


async def release(request: web.Request) -> web.Response:
    """`DELETE` of an override, with `?expected_version=` and `?reason=`."""
    managing(request)
    query = Query(request.rel_url.query, {"expected_version", "reason"})
    expected, reason = query.whole("expected_version", 0, 1, _NEWEST), query.text("reason") or ""
    if not expected or not 3 <= len(reason) <= 500:
        raise bad("expected_version, reason", "≥ 1, 3–500")
    return await _overridden(request, expected, reason, None)


def _subject(request: web.Request) -> tuple[kept.Kind, str]:
    resource = request.match_info.route.resource
    of_device = resource is not None and "/devices/" in resource.canonical
    return "device" if of_device else "area", storable("subject", request.match_info["subject"])


async def _overridden(
    request: web.Request, expected: int, reason: str, levels: dict[str, float] | None
) -> web.Response:
    kind, subject = _subject(request)
    scope = request[CALLER].scope
    async with request.app[PARTS].database.transaction(scope) as transaction:
        before = await _locked(request, transaction, expected)
        was = next((one for one in before.overrides if (one.kind, one.subject) == (kind, subject)), None)
        place = await kept.place(transaction, kind, subject)
        if (place is None and levels is not None) or (was is None and levels is None):
            raise ProblemError("not-found")
        if place is not None and not scope.reaches(Thing("rule", *place)):
            raise ProblemError("not-found")
        if (was.body if was else None) == levels:
            return await _same(request, transaction, before)
        new = Override(kind=kind, subject=subject, body=levels)
        if levels is not None and not before.body.get("property"):
            raise ProblemError("rule-wrong", why="limits of devices and areas are for rules about a property")
        if levels is not None:
            others = tuple(one for one in before.overrides if one is not was)
            checked(
                request,
                msgspec.structs.replace(before, overrides=(*others, new)).content,
                before.pack,
                before.code,
            )
        what = "released" if levels is None else "overridden"
        about: dict[str, Any] = {kind: subject}
        audit = {"before": about | {"levels": was.body if was else None}, "after": about | {"levels": levels}}
        centre, area = place or ("", "")
        where = {"centre": centre or None, "area": area or None}
        act = "rule.release" if levels is None else "rule.override"
        return await _renewed(
            request, transaction, before, act, what, reason, overrides=[new], audit=audit, place=where
        )
