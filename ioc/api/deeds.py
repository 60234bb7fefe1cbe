"""What requests do, and what they are refused, as rows of the audit trail."""

import logging
import time
from typing import Any

from aiohttp import web

from ioc.access.scope import EVERYTHING
from ioc.api.caller import CALLER
from ioc.api.parts import PARTS
from ioc.store import audit
from ioc.store.database import Transaction

LOG = logging.getLogger("ioc.api")

ROWS_EACH = 5
PER_S = 60.0
"""Of the refusals of one kind that one address meets within a minute, this many have rows of their own."""

_REMEMBERED = 10_000


def deed(request: web.Request, act: str, kind: str, thing: str = "", **more: Any) -> audit.Deed:
    """A deed of the person who asks, from where they ask."""
    who = request[CALLER].person.login if CALLER in request else ""
    return audit.Deed(act=act, who=who, kind=kind, thing=thing, address=request.remote or "", **more)


async def note(
    request: web.Request, transaction: Transaction, act: str, kind: str, thing: str = "", **more: Any
) -> None:
    """Write a deed's row in the transaction of the deed; its failure is the deed's."""
    await audit.record(transaction, deed(request, act, kind, thing, **more), request.app[PARTS].now())


async def noted(request: web.Request, act: str, kind: str, thing: str = "", **more: Any) -> None:
    """Write and commit a deed's row before a deed that has no transaction of its own, such as a long answer."""
    async with request.app[PARTS].database.transaction(EVERYTHING) as transaction:
        await note(request, transaction, act, kind, thing, **more)


class Refusals:
    """Keeps a flood of refusals from flooding the trail: beyond a few a minute they are counted in the next row."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str], tuple[float, int]] = {}

    def take(self, address: str, code: str, at: float) -> int | None:
        """How many went without a row before this one; None when this one goes without too. `at` is monotonic."""
        since, number = self._seen.get((address, code), (at, 0))
        left_out = 0
        if at - since >= PER_S:
            left_out, since, number = max(0, number - ROWS_EACH), at, 0
        if len(self._seen) >= _REMEMBERED:
            self._seen.clear()
        self._seen[address, code] = (since, number + 1)
        return left_out if number < ROWS_EACH else None


REFUSALS: web.AppKey[Refusals] = web.AppKey("refusals", Refusals)


async def refused(request: web.Request, code: str) -> None:
    """Note that a request was refused (401, 403, 429), for a reason of the table of problems.

    Never raises: the refusal stands, noted or not; what could not be noted is in the log.
    """
    left_out = request.app[REFUSALS].take(request.remote or "", code, time.monotonic())
    if left_out is None:
        return
    after = {"reason": code, "method": request.method} | ({"more_before": left_out} if left_out else {})
    try:
        await noted(request, "request.refused", "request", request.path, outcome="refused", after=after)
    except Exception:
        LOG.warning("a refusal (%s) could not be written to the audit trail", code, exc_info=True)
