"""Checks passwords: a few at a time, because each takes 64 MiB, and slower for those who guess."""

import asyncio
import math
import time
from collections import OrderedDict
from typing import TypeVar

import msgspec
from aiohttp import web

from ioc.access.passwords import hash_password, verify
from ioc.access.throttle import Gate, Pace, Throttle, Visit, network
from ioc.api.problems import ProblemError
from ioc.api.query import bad

_KNOWN_AT_ONCE = 2
_STRANGERS_AT_ONCE = 1
_STRANGERS_IN_LINE = 8
_GLANCED_S = 10.0
"""For so long a visitor who must wait is refused at a glance; a sign-in elsewhere may make them known meanwhile."""
_MOST_SENT_AWAY = 20_000
_TOLD = Pace(free=1, first=30.0, longest=60.0)

Model = TypeVar("Model")


class Door:
    """One for each server process. Those whom an account knows do not stand in line behind strangers."""

    def __init__(self) -> None:
        self.gate = Gate()
        self._known = asyncio.Semaphore(_KNOWN_AT_ONCE)
        self._strangers = asyncio.Semaphore(_STRANGERS_AT_ONCE)
        self._in_line = 0
        self._told = Throttle(_TOLD)
        self._sent_away: OrderedDict[str, float] = OrderedDict()

    def glance(self, login: str, address: str, mark: str) -> None:
        """Problem for who was told to wait a moment ago: a flood is refused without asking PostgreSQL."""
        left = self._sent_away.get(f"{network(address)} {mark} {login}", 0.0) - time.monotonic()
        if left > 0:
            raise _wait(left)

    def enter(self, visit: Visit) -> None:
        """Count a try. Problem when the visitor must wait first."""
        if visit.known == "stranger" and self._in_line >= _STRANGERS_IN_LINE:
            raise _wait(2.0)
        at = time.monotonic()
        wait = self.gate.enter(visit, at)
        if wait > 0:
            self._sent_away[f"{network(visit.address)} {visit.mark} {visit.login}"] = at + min(wait, _GLANCED_S)
            while len(self._sent_away) > _MOST_SENT_AWAY:
                self._sent_away.popitem(last=False)
            raise _wait(wait)

    def worth_telling(self, login: str) -> bool:
        """Whether the record should hear of a refused try: once a minute an account, however many come."""
        at = time.monotonic()
        worth = self._told.wait(login, at) == 0
        if worth:
            self._told.count(login, at)
        return worth

    async def passes(self, kept: str | None, password: str, visit: Visit) -> bool:
        """Whether the password is right; takes as long for a name that nobody has."""
        if visit.known != "stranger":
            async with self._known:
                return await asyncio.to_thread(verify, kept, password)
        self._in_line += 1
        try:
            async with self._strangers:
                return await asyncio.to_thread(verify, kept, password)
        finally:
            self._in_line -= 1

    async def hashed(self, password: str) -> str:
        """The hash of a new password."""
        async with self._known:
            return await asyncio.to_thread(hash_password, password)


DOOR: web.AppKey[Door] = web.AppKey("door", Door)


def _wait(seconds: float) -> ProblemError:
    whole = math.ceil(seconds)
    return ProblemError("too-many-tries", headers={"Retry-After": str(whole)}, seconds=whole)


def address_of(request: web.Request) -> str:
    """Where a request comes from."""
    return request.remote or ""


async def model_of(request: web.Request, kind: type[Model]) -> Model:
    """The body of a request as a model. Problem that names the member which is wrong, never its value."""
    if request.content_type != "application/json":
        raise ProblemError("unsupported-media")
    try:
        return msgspec.json.decode(await request.read(), type=kind)
    except msgspec.ValidationError as error:
        name, why = _fault(str(error))
        raise (bad(name, why) if name else ProblemError("bad-json")) from None
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        raise ProblemError("bad-json") from None


def _fault(text: str) -> tuple[str, str]:
    """The name of the member and what it must be, of msgspec's sentence; values that were sent are left out."""
    _, _, place = text.partition(" - at `$.")
    if "field `" in text:
        name = text.split("field `", 1)[1].split("`", 1)[0]
        return name[:60], "thiếu · missing" if "missing" in text else "không có · unknown"
    why = text.split(" - at ")[0] if text.startswith("Expected") else "?"
    return place.rstrip("`").split("[")[0][:60], why[:100]
