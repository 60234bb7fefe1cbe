"""Which form of an answer a request asks for: `f`, else the Accept header (RFC 9110, 12.5.1); and its coding."""

from collections.abc import Mapping

from aiohttp import web

from ioc.api.problems import ProblemError
from ioc.api.query import Query, bad

JSON = {"json": "application/json", "geojson": "application/geo+json"}
"""Forms of documents, which are JSON under either word."""

_LONGEST = 1_000


def _weight(part: str) -> float:
    for parameter in part.split(";")[1:]:
        name, _, value = parameter.strip().partition("=")
        if name.strip().lower() == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0


def _fits(wanted: str, media: str) -> int:
    """How closely a range of the header fits a media type, 0: not at all. Any JSON is taken for any other."""
    kind = media.split("/")[0]
    if wanted == media:
        return 4
    if wanted.startswith("application/") and wanted.endswith("json") and media.endswith("json"):
        return 3
    return {f"{kind}/*": 2, "*/*": 1, "*": 1}.get(wanted, 0)


def weight_of(accept: str, media: str) -> float:
    """How much a header wants a media type: 0 not at all, 1 most."""
    best, weight = 0, 0.0
    for part in accept[:_LONGEST].split(","):
        fits = _fits(part.split(";")[0].strip().lower(), media)
        if fits > best:
            best, weight = fits, _weight(part)
    return weight


def takes_gzip(request: web.Request) -> bool:
    """Whether the client takes gzip (RFC 9110, 12.5.3): it names it, and not with a weight of nought."""
    parts = request.headers.get("Accept-Encoding", "")[:_LONGEST].split(",")
    return any(part.split(";")[0].strip().lower() == "gzip" and _weight(part) > 0 for part in parts)


def form_of(request: web.Request, query: Query, offered: Mapping[str, str]) -> str:
    """The name of the wanted form among those offered, the first by default.

    Problem 400 for an `f` that is not offered, 406 when the header takes none of them.
    """
    asked = query.text("f")
    if asked is not None:
        if asked not in offered:
            raise bad("f", " | ".join(offered))
        return asked
    accept = ",".join(request.headers.getall("Accept", ()))
    if not accept.strip():
        return next(iter(offered))
    weights = {name: weight_of(accept, media) for name, media in offered.items()}
    found = max(weights, key=lambda name: weights[name])
    if weights[found] <= 0:
        raise ProblemError("not-acceptable", possible=", ".join(dict.fromkeys(offered.values())))
    return found
