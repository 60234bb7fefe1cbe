"""The whole surface as OpenAPI 3.1."""

import re
from typing import Any

from ioc.api import described

ROUTES: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    ("get", "/api/v1/live", "Server-sent events", ("snapshot", "last_event_id")),
    ("post", "/api/v1/session", "Sign in", ()),
    ("get", "/api/v1/session", "Who is signed in", ()),
    ("delete", "/api/v1/session", "Sign out", ()),
    ("get", "/api/v1/incidents/{id}", "One incident, its alarms and log", ()),
    ("post", "/api/v1/incidents/{id}/acknowledge", "Take an incident over", ()),
    ("get", "/api/v1/devices/{code}/readings", "Readings of a device's property", ("property", "hours")),
    ("get", "/api/v1/media/{id}", "A picture of evidence", ()),
    ("get", "/api/v1/cameras/{code}/picture", "The newest picture of a camera", ()),
    ("get", "/api/v1/areas/labels", "Names of today's administrative units, one point each", ()),
    ("get", "/api/v1/basemap/{name}", "A part of the base map", ()),
    ("get", "/api/v1/openapi.json", "This document", ()),
    ("get", "/healthz", "Whether the process answers", ()),
    ("get", "/readyz", "Whether every part works", ()),
    ("get", "/metrics", "Figures in Prometheus text", ()),
)
"""Method, path, what it is, query parameters; a test compares it with the server's routes."""

_IN_PATH = re.compile(r"{(\w+)}")


def _operation(method: str, path: str, summary: str, query: tuple[str, ...]) -> dict[str, Any]:
    text = {"type": "string"}
    found: dict[str, Any] = {
        "operationId": method + re.sub(r"\W+", "_", path),
        "summary": summary,
        "parameters": [
            *({"name": n, "in": "path", "required": True, "schema": text} for n in _IN_PATH.findall(path)),
            *({"name": n, "in": "query", "required": False, "schema": text} for n in query),
        ],
        "responses": {
            "200": {"description": "ok"},
            "default": {"description": "problem", "content": {"application/problem+json": {}}},
        },
    }
    if method == "post":
        body = {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}}
        found["requestBody"] = body
    return found


def document() -> dict[str, Any]:
    """The OpenAPI document."""
    paths = described.paths("/ogc")
    for method, path, summary, query in ROUTES:
        paths.setdefault(path, {})[method] = _operation(method, path, summary, query)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Quảng Nam IOC", "version": "1"},
        "security": [{"bearer": []}, {"session": []}],
        "paths": paths,
        "components": {"securitySchemes": described.SECURITY},
    }
