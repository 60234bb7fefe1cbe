"""A rule tried on what is stored, before it is enabled."""

import datetime as dt
from typing import Any

import msgspec
from aiohttp import web

from ioc.api import deeds, idempotency
from ioc.api import models_rules as models
from ioc.api.answer import said
from ioc.api.caller import CALLER
from ioc.api.parts import PARTS
from ioc.api.problems import ProblemError
from ioc.api.query import bad
from ioc.api.rules import body_of, checked, managing
from ioc.api.surface import BODY
from ioc.incidents.alarm import Alarm
from ioc.rehearsal import BusyError, Outcome, Result, Would
from ioc.store import rules as kept
from ioc.store.rules import Kept

LONGEST = dt.timedelta(days=31)

OLDEST = dt.timedelta(days=3660)
"""Nothing older is stored by any class of retention."""

_WHY = ("value", "limit", "levels", "worst", "kind", "subject", "object_class", "score")
"""What an alarm's evidence says of why it was raised."""


def _span(asked: models.HistoryTest, now: dt.datetime) -> tuple[dt.datetime, dt.datetime]:
    """From when to when; by default the last 31 days. Problem for what is no span, is too long or is to come."""
    until = now if asked.until is None else asked.until
    if until.tzinfo is None or (asked.since is not None and asked.since.tzinfo is None):
        raise bad("from, to", "RFC 3339")
    if not now - OLDEST < until <= now:
        raise bad("to", "≤ now")
    since = until - LONGEST if asked.since is None else asked.since
    if not since < until:
        raise bad("from, to", "from < to")
    if until - since > LONGEST:
        raise bad("from, to", f"≤ {LONGEST.days} d")
    return since, until


async def _meant(request: web.Request, asked: models.HistoryTest) -> Kept:
    """The rule to try. Problem 404, or 422 for one that cannot be tried."""
    parts = request.app[PARTS]
    async with parts.database.transaction(request[CALLER].scope, read_only=True) as transaction:
        newest = await kept.one(transaction, asked.pack, asked.code)
        older = None if asked.version is None else await kept.one(transaction, asked.pack, asked.code, asked.version)
    found = newest if asked.version is None else older
    if asked.rule is not None:
        about: dict[str, Any] = {"enabled": True, "what": "changed", "at": parts.now(), "who": "", "reason": ""}
        blank = Kept(pack=asked.pack, code=asked.code, version=1, body={}, **about)
        found = msgspec.structs.replace(newest or blank, body=body_of(asked.rule))
    if found is None:
        raise ProblemError("not-found")
    rule = checked(request, found.content, asked.pack, asked.code)
    if rule.system:
        raise ProblemError("rule-wrong", why="it is about the centre itself, of which no history is stored")
    return found


def _why(alarm: Alarm) -> dict[str, Any]:
    return {name: alarm.evidence[name] for name in _WHY if alarm.evidence.get(name) is not None}


def _would(one: Would) -> models.Would:
    worst = one.worst
    return models.Would(
        at=one.at,
        ended_at=one.ended_at,
        alarms=one.alarms,
        severity=str(worst.evidence.get("worst", worst.severity)),  # type: ignore[arg-type]
        title=worst.title,
        title_en=worst.title_en,
        source=worst.source.code,
        source_name=worst.source.name,
        centre=worst.source.centre,
        area_code=worst.source.area.partition("@")[0],
        lon=worst.source.position.lon,
        lat=worst.source.position.lat,
        property=worst.property,
        why=_why(worst),
    )


def _outcome(one: Outcome) -> models.Outcome:
    days = [models.Day(day=day, alarms=made, incidents=opened) for day, (made, opened) in one.days.items()]
    return models.Outcome(
        alarms=one.alarms,
        incidents=one.incidents,
        waiting=one.waiting,
        sources=one.sources,
        days=days,
        listed=[_would(would) for would in one.listed],
    )


def _told(result: Result, since: dt.datetime, until: dt.datetime, took_ms: int) -> models.Tested:
    return models.Tested(
        since=since,
        until=until,
        through=result.through,
        whole=not result.stopped,
        stopped=result.stopped,
        values=result.values,
        took_ms=took_ms,
        after=_outcome(result.after),
        before=None if result.before is None else _outcome(result.before),
    )


async def tested(request: web.Request) -> web.Response:
    """`POST /api/v1/rules/test`: what a rule would have made of stored history; only the deed is written."""
    managing(request)
    asked: models.HistoryTest = request[BODY]
    parts, scope = request.app[PARTS], request[CALLER].scope
    if parts.rehearsals is None:
        raise ProblemError("not-found")
    since, until = _span(asked, parts.now())
    meant, begun = await _meant(request, asked), parts.now()

    def gone() -> bool:
        return request.transport is None or request.transport.is_closing()

    try:
        result = await parts.rehearsals.run(scope, meant, since, until, gone)
    except BusyError:
        raise ProblemError("test-running", headers={"Retry-After": "10"}) from None
    except ValueError as error:
        raise ProblemError("rule-wrong", why=str(error).rstrip(".")[:300]) from None
    answer = said(_told(result, since, until, round((parts.now() - begun).total_seconds() * 1000)))
    async with parts.database.transaction(scope) as transaction:
        about = {"from": since.isoformat(), "to": until.isoformat(), "through": result.through.isoformat()}
        counts = {"alarms": result.after.alarms, "incidents": result.after.incidents}
        thing = f"{asked.pack}/{asked.code}"
        await deeds.note(request, transaction, "rule.test", "rule", thing, after=about | counts)
        await idempotency.keep(request, transaction, answer)
    return answer
