"""What the rooms of the API share when they answer: whether the role may, and a model as JSON."""

from typing import Any

import msgspec
from aiohttp import web

from ioc.access.rights import allows
from ioc.api.caller import CALLER
from ioc.api.problems import ProblemError


def needs(request: web.Request, act: str, kind: str) -> None:
    """Problem 403 unless the caller's role may do this to things of this kind."""
    if not allows(request[CALLER].person.role, act, kind):
        raise ProblemError("not-allowed")


def said(value: Any, status: int = 200) -> web.Response:
    """A model, or models, as JSON."""
    return web.Response(status=status, body=msgspec.json.encode(value), content_type="application/json")
