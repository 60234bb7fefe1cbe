"""Counts requests for `/metrics`; its memory is bounded by the number of routes."""

from collections import Counter
from collections.abc import Iterable, Mapping

from aiohttp import web

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Tally:
    """How many requests a route answered with which status, and how long they took in sum."""

    def __init__(self) -> None:
        self._requests: Counter[tuple[str, str, int]] = Counter()
        self._seconds: Counter[tuple[str, str]] = Counter()

    def add(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answered request; `route` is a pattern, never the address itself."""
        word = method if method in _METHODS else "OTHER"
        self._requests[word, route, status] += 1
        self._seconds[word, route] += seconds  # type: ignore[assignment]

    def lines(self, more: Mapping[str, float]) -> Iterable[str]:
        """Prometheus text, one line a figure."""
        yield "# TYPE ioc_http_requests_total counter"
        for (method, route, status), count in sorted(self._requests.items()):
            yield f'ioc_http_requests_total{{method="{method}",route="{route}",status="{status}"}} {count}'
        yield "# TYPE ioc_http_seconds_total counter"
        for (method, route), seconds in sorted(self._seconds.items()):
            yield f'ioc_http_seconds_total{{method="{method}",route="{route}"}} {seconds:.6f}'
        for name, value in more.items():
            yield f"{name} {value}"


TALLY: web.AppKey[Tally] = web.AppKey("tally", Tally)
