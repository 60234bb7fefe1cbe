"""The OpenAPI document as a page that people read: made here, without a script and without the internet."""

from html import escape
from typing import Any

from aiohttp import web

from ioc.api import openapi
from ioc.api.parts import PARTS
from ioc.api.problems import language_of
from ioc.api.query import Query, bad
from ioc.api.surface import SURFACE

CSS = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { margin: 0 auto; max-width: 60rem; padding: 1.5rem; }
h2 { font: 600 1rem/1.4 ui-monospace, monospace; margin: 0; overflow-wrap: anywhere; }
section { border-top: 1px solid #8888; padding: 1rem 0; }
b { display: inline-block; min-width: 4.5rem; }
table { border-collapse: collapse; margin: .5rem 0; width: 100%; }
td { border-top: 1px solid #8884; padding: .2rem .8rem .2rem 0; vertical-align: top; }
td:first-child { font-family: ui-monospace, monospace; width: 11rem; }
pre { overflow-x: auto; padding: .5rem; border: 1px solid #8884; }
"""

_WORDS = {
    "vi": ("Giao diện lập trình", "Ai được dùng", "ai đã đăng nhập", "mọi người", "Nội dung", "Lược đồ", "bắt buộc"),
    "en": ("Programming interface", "Who may", "whoever is signed in", "everybody", "Body", "Schemas", "required"),
}


def _kind(schema: dict[str, Any]) -> str:
    """A schema in a few words."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f'<a href="#{escape(name)}">{escape(name)}</a>'
    if "enum" in schema:
        return escape(" | ".join(map(str, schema["enum"])))
    return escape(str(schema.get("type", "")))


def _rows(pairs: list[tuple[str, str]]) -> str:
    return "<table>" + "".join(f"<tr><td>{name}</td><td>{text}</td></tr>" for name, text in pairs) + "</table>"


def _operation(method: str, path: str, one: dict[str, Any], language: str) -> str:
    _, who, signed_in, everybody, body, _, needed = _WORDS[language]
    may = one.get("x-may")
    allowed = f"{may['act']} · {may['kind']}" if may else everybody if one.get("security") == [] else signed_in
    pairs = [(who, escape(allowed))]
    for parameter in one["parameters"]:
        more = f" ({needed})" if parameter["required"] else ""
        pairs.append((escape(parameter["name"]), f"{parameter['in']}: {_kind(parameter['schema'])}{more}"))
    for media, content in one.get("requestBody", {}).get("content", {}).items():
        pairs.append((body, f"{escape(media)} {_kind(content.get('schema', {}))}"))
    for status, response in one["responses"].items():
        shapes = [f"{escape(m)} {_kind(c.get('schema', {}))}" for m, c in response.get("content", {}).items()]
        pairs.append((status, f"{escape(response['description'])}<br>{'<br>'.join(shapes)}"))
    summary = one["x-summary-vi"] if language == "vi" else one["summary"]
    title = f"<h2><b>{method.upper()}</b> {escape(path)}</h2>"
    return f'<section id="{one["operationId"]}">{title}<p>{escape(summary)}</p>{_rows(pairs)}</section>'


def _schema(name: str, schema: dict[str, Any]) -> str:
    pairs = []
    for field, kind in schema.get("properties", {}).items():
        choice = kind.get("anyOf", [kind])
        pairs.append((escape(field), " | ".join(_kind(one) for one in choice)))
    text = escape(schema.get("description", ""))
    return f'<section id="{escape(name)}"><h2>{escape(name)}</h2><p>{text}</p>{_rows(pairs)}</section>'


def page(document: dict[str, Any], language: str) -> str:
    """The whole page in `vi` or `en`."""
    title, schemas = _WORDS[language][0], _WORDS[language][5]
    parts = [
        _operation(method, path, one, language)
        for path, methods in document["paths"].items()
        for method, one in methods.items()
    ]
    shapes = [_schema(name, schema) for name, schema in document["components"]["schemas"].items()]
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><link rel="stylesheet" href="/api/docs.css">'
        '<link rel="icon" href="data:,">'
        f"<title>{title}</title></head><body><h1>{title}</h1>"
        '<p><a href="?lang=vi">Tiếng Việt</a> · <a href="?lang=en">English</a> · '
        f'<a href="/api/v1/openapi.json">OpenAPI 3.1</a></p>{"".join(parts)}'
        f"<h1>{schemas}</h1>{''.join(shapes)}</body></html>"
    )


async def read(request: web.Request) -> web.Response:
    """`GET /api/docs`."""
    chosen = Query(request.rel_url.query, {"lang"}).text("lang")
    if chosen not in (None, "vi", "en"):
        raise bad("lang", "vi | en")
    accepted = language_of(request.headers.get("Accept-Language", ""), request.app[PARTS].settings.language)
    surface = request.app[SURFACE]
    text = page(openapi.document(surface), chosen or accepted)
    return web.Response(text=text, content_type="text/html")


async def style(request: web.Request) -> web.Response:
    """`GET /api/docs.css`."""
    return web.Response(text=CSS, content_type="text/css", headers={"Cache-Control": "public, max-age=3600"})


def routes(app: web.Application) -> None:
    """Add the page to an application."""
    app.router.add_get("/api/docs", read)
    app.router.add_get("/api/docs.css", style)
