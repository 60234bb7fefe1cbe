"""What the server offers, route by route: checked at each request, published as OpenAPI, walked by the attack tests.

How to add a route: write its models as `msgspec.Struct` (requests with `forbid_unknown_fields=True`), and beside
`app.router.add_…` in the room's `routes(app)` say what it is:

    describe(app, Operation(
        method="POST", path="/api/v1/silences", vi="Tạm tắt cảnh báo", en="Mute a source",
        may=May("create", "silence"), body=NewSilence, answers={201: Silence}, problems=("wrong-state",)))

The guard then refuses unknown query parameters, other content types and bodies that do not fit `body`; the handler
finds the decoded body as `request[BODY]`. A route without an Operation fails tests/unit/ioc/api/test_openapi.py,
and one without a rule in tests/fakes/attack_world.py fails tests/attacks.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal, NamedTuple

import msgspec
from aiohttp import web

Cost = Literal["cheap", "read", "tile", "write"]

BODY: web.RequestKey[Any] = web.RequestKey("body", object)
"""The request's body, decoded into the model of its operation."""


class May(NamedTuple):
    """Who may: those whose role has this act on this kind of thing in the table of rights."""

    act: str
    kind: str


class Answer(msgspec.Struct, frozen=True):
    """A good answer: its media type, its model where it is JSON, and in which other forms it may be asked for.

    `either` is the model where the query asks for something else.
    """

    media: str = "application/json"
    model: Any = None
    others: tuple[str, ...] = ()
    either: Any = None


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """One method of one path.

    `path` is the pattern that the router has. `may` None with `public` False means everybody who is signed in.
    `query` gives the type of each parameter, `needs` names those that must be there. `answers` are a model, an
    Answer or None (no body) by status; `problems` the codes of problems beside those that any route has. `raw` are
    media types of bodies that the handler reads itself, beside JSON; `largest` is how many bytes a body may have where
    that is not LARGEST_BODY. `cost` chooses the budget of requests; `endless` frees a stream from the deadline;
    `secret` marks answers that must not be kept for a repetition.
    """

    method: str
    path: str
    vi: str
    en: str
    may: May | None = None
    public: bool = False
    query: Mapping[str, Any] = {}
    needs: tuple[str, ...] = ()
    body: Any = None
    raw: tuple[str, ...] = ()
    largest: int = 0
    answers: Mapping[int, Any] = {}
    problems: tuple[str, ...] = ()
    cost: Cost = "read"
    endless: bool = False
    secret: bool = False

    @property
    def budget(self) -> Cost:
        """Which budget a request is taken from: changes always from that of writes."""
        return self.cost if self.method == "GET" else "write"

    @property
    def names(self) -> list[str]:
        """The names in the path."""
        return re.findall(r"{(\w+)", self.path)


class Surface:
    """All operations of an application."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], Operation] = {}
        self._decoders: dict[Any, msgspec.json.Decoder[Any]] = {}

    def add(self, operation: Operation) -> None:
        """Add an operation. ValueError when the route has one already."""
        place = (operation.method, operation.path)
        if place in self._found:
            raise ValueError(f"{operation.method} {operation.path} is described twice")
        self._found[place] = operation

    def of(self, request: web.Request) -> Operation | None:
        """The operation that a request asks for; HEAD is GET. None when there is no such route."""
        resource = request.match_info.route.resource
        if resource is None:
            return None
        method = "GET" if request.method == "HEAD" else request.method
        return self._found.get((method, resource.canonical))

    def decoder(self, model: Any) -> msgspec.json.Decoder[Any]:
        """The decoder of a body's model, made once."""
        if model not in self._decoders:
            self._decoders[model] = msgspec.json.Decoder(model)
        return self._decoders[model]

    def __iter__(self) -> Iterator[Operation]:
        return iter(self._found.values())


SURFACE: web.AppKey[Surface] = web.AppKey("surface", Surface)


def describe(app: web.Application, *operations: Operation) -> None:
    """Say what routes are; see the head of this file."""
    if SURFACE not in app:
        app[SURFACE] = Surface()
    for operation in operations:
        app[SURFACE].add(operation)
