"""What is checked of a request before its handler sees it: sizes, parameters, the kind and the shape of its body."""

import datetime as dt
import re
from typing import Any

import msgspec
from aiohttp import web

from gis.layers import LAYERS
from ioc.api.limits import LARGEST_BODY, LARGEST_HEAD, LONGEST_PATH, MOST_FIELDS
from ioc.api.problems import ProblemError
from ioc.api.query import Query, bad, storable
from ioc.api.surface import BODY, SURFACE, Operation

_LACKS = re.compile(r"missing required field `([^`]*)`")
_ODD = re.compile(r"unknown field `([^`]*)`")
_WHERE = re.compile(r" - at `\$\.?([^`]*)`\Z")
_WANTED = re.compile(r"Expected `([^`]*)`((?: (?:of|matching|[<>=%]).*)?)(?:, got .*)?\Z")
_FORM = re.compile(r"Invalid (base64|RFC3339) encoded")
_EARLIEST, _LATEST = dt.datetime(1900, 1, 1, tzinfo=dt.UTC), dt.datetime(9000, 1, 1, tzinfo=dt.UTC)
"""Moments of bodies lie between these, so that nobody who reckons with one falls off the calendar."""

_NO_PATH = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


def head(request: web.Request, known: Operation | None = None) -> None:
    """Refuse what no request of ours looks like: control characters, very long paths, very many headers, more than its
    route takes."""
    path = request.path
    if len(path) > LONGEST_PATH or (not path.isprintable() and _NO_PATH.search(path)):
        raise ProblemError("not-found")
    fields = request.raw_headers
    if len(fields) > MOST_FIELDS or sum(len(name) + len(value) for name, value in fields) > LARGEST_HEAD:
        raise ProblemError("headers-too-large")
    if (request.content_length or 0) > largest(known):
        raise ProblemError("too-large")


def largest(known: Operation | None) -> int:
    """Bytes that the body of a route may have."""
    return (known.largest if known is not None else 0) or LARGEST_BODY


def explained(error: msgspec.ValidationError) -> ProblemError:
    """The problem of a body that does not fit; it names the member and never repeats its value."""
    text = str(error)
    where = _WHERE.search(text)
    place = where[1] if where else ""
    what = text[: where.start()] if where else text
    for pattern, code in ((_LACKS, "missing-member"), (_ODD, "unknown-member")):
        if found := pattern.search(what):
            return ProblemError(code, name=f"{place}.{found[1]}".lstrip(".")[:100])
    wanted = _WANTED.match(what)
    if not place and what.startswith("Expected `object`"):
        return ProblemError("bad-json")
    form = _FORM.match(what)
    why = f"{wanted[1]}{wanted[2]}" if wanted else form[1] if form else "?"
    return ProblemError("bad-value", name=place[:100], why=why.split(", got")[0][:100])


def keepable(value: Any, name: str = "") -> None:
    """Problem naming the member whose text or moment could not be kept, however deep it lies."""
    if isinstance(value, str):
        storable(name, value)
    elif isinstance(value, dt.datetime):
        if value.tzinfo is not None and not _EARLIEST <= value <= _LATEST:
            raise bad(name, f"{_EARLIEST:%Y} – {_LATEST:%Y}")
    elif isinstance(value, msgspec.Struct):
        for member in value.__struct_fields__:
            keepable(getattr(value, member), f"{name}.{member}".lstrip("."))
    elif isinstance(value, dict):
        for member, one in value.items():
            keepable(member, name)
            keepable(one, name)
    elif isinstance(value, (list, tuple)):
        for one in value:
            keepable(one, name)


async def body(request: web.Request, operation: Operation) -> Any:
    """The body in its model, or as it came where the route reads its media type itself.

    Problem 415 for another media type, 400 for what does not fit, 413 for too much.
    """
    if request.content_type in operation.raw:
        return await request.read()
    if request.content_type != "application/json":
        raise ProblemError("unsupported-media")
    sent = await request.read()
    try:
        read = request.app[SURFACE].decoder(operation.body).decode(sent)
        keepable(read)
        return read
    except msgspec.ValidationError as error:
        raise explained(error) from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise ProblemError("bad-json") from None


def parameters(request: web.Request, known: Operation) -> set[str]:
    """The parameters of a route; where it serves every collection, without the properties of the others."""
    layer = LAYERS.get(request.match_info.get("collection", ""))
    if layer is None:
        return set(known.query)
    others = {field.name for one in LAYERS.values() for field in one.fields}
    return set(known.query) - (others - {field.name for field in layer.fields})


async def operation(request: web.Request, known: Operation) -> None:
    """Check a request against what its route is."""
    if request.rel_url.raw_query_string:
        Query(request.rel_url.query, parameters(request, known))
    if known.body is not None:
        request[BODY] = await body(request, known)
