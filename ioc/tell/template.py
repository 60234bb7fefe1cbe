"""A gateway's request as a template: what stands in braces is filled in, escaped for the place where it stands.

Placeholders stand in strings of a document, never in its syntax: the body is a tree that is written as JSON or as a
form only after it was filled in, a value of the address is percent-encoded, and a header takes only values that
cannot end it. So no text, whatever somebody wrote into a ticket, becomes a part of the request's own shape.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal
from urllib.parse import quote, urlencode, urlsplit

import msgspec

PLACEHOLDERS = ("phone", "phone_plain", "phone_local", "text", "id", "receipt_url", "secret")
"""The telephone number as +84…, as 84…, as 0…; the text; the message's id; where a receipt is taken; the secret."""

IN_HEADERS = frozenset({"id", "secret", "receipt_url"})
IN_PATH = frozenset({"phone", "phone_plain", "phone_local", "id", "secret"})
"""Placeholders whose values are plain words, so that they can be a header or a step of a path."""

_HOLE = re.compile(r"{([a-z_]+)}")
_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}\Z")
_HEADER_VALUE = re.compile(r"[!-~]([ -~]{0,998}[!-~])?\Z|\Z")
_OURS = frozenset({"host", "content-length", "content-type", "transfer-encoding", "connection", "upgrade", "te"})
PHONE = re.compile(r"\+[1-9][0-9]{6,14}\Z")
"""A telephone number in its international form (ITU-T E.164)."""

_CREDENTIAL = re.compile(r"auth|token|key|secret|cookie|password", re.I)
"""Headers that hold what nobody is to read: a template is shown to who manages it, its secret is not."""

_DEEPEST = 8

Text = Annotated[str, msgspec.Meta(max_length=2_000)]


class TemplateError(ValueError):
    """A template, or a value for it, that cannot be used; the text says why, without a secret."""


class Good(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a gateway answers when it takes a message: one of `statuses`, and, where `member` (names with dots between)
    is set, that member of its JSON answer as one of `equals`; as one of `again` it is tried again; else it is refused.
    """

    statuses: Annotated[tuple[int, ...], msgspec.Meta(min_length=1, max_length=20)] = (200, 201, 202, 204)
    member: Annotated[str, msgspec.Meta(max_length=200)] = ""
    equals: Annotated[tuple[Text, ...], msgspec.Meta(max_length=50)] = ()
    again: Annotated[tuple[Text, ...], msgspec.Meta(max_length=50)] = ()


class Template(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a gateway is asked. `url` and the strings of `headers` and `body` may hold placeholders.

    `format` says how the body is written: `json` takes any tree, `form` an object of strings, `none` has no body.
    `segments` is the most that a text may take, `accents` False writes it without accents.
    """

    method: Literal["GET", "POST", "PUT"] = "POST"
    url: Annotated[str, msgspec.Meta(min_length=8, max_length=1_000)]
    headers: Annotated[dict[str, Text], msgspec.Meta(max_length=20)] = {}
    format: Literal["json", "form", "none"] = "json"
    body: Any = None
    segments: Annotated[int, msgspec.Meta(ge=1, le=10)] = 3
    accents: bool = True
    good: Good = Good()


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """A request as it is sent."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes | None


def check(template: Template) -> None:
    """Raise TemplateError saying what cannot be used, before anybody depends on it."""
    parts = _parts(template.url)
    _known("url", template.url, frozenset(PLACEHOLDERS))
    _known("the path of url", parts[0], IN_PATH)
    for name, value in template.headers.items():
        if not _TOKEN.match(name) or name.lower() in _OURS:
            raise TemplateError(f"the header {name[:64]!r} cannot be set here")
        _known(f"the header {name}", value, IN_HEADERS)
        if not _HEADER_VALUE.match(value):
            raise TemplateError(f"the header {name} holds signs that no header may have")
        if _CREDENTIAL.search(name) and "{secret}" not in value:
            raise TemplateError(f"the header {name} holds a credential: write {{secret}} there, and give it as secret")
    if template.format == "none" and template.body is not None:
        raise TemplateError("format none has no body")
    if template.format == "form" and not _flat(template.body):
        raise TemplateError("the body of a form is an object whose values are all texts")
    if template.format != "none" and template.method == "GET":
        raise TemplateError("a GET has no body: set format to none, and put the values into the address")
    _walk(template.body, 0)


def _parts(url: str) -> tuple[str, str]:
    """Path and query of a template's address; its scheme and host are plain."""
    try:
        parts = urlsplit(url)
        host = f"{parts.scheme}://{parts.netloc}"
    except ValueError:
        raise TemplateError("url is no address: give https://host/path") from None
    if parts.scheme not in ("http", "https") or not parts.netloc or "@" in host:
        raise TemplateError("url begins with https:// (or http://) and a host, without an account")
    if "{" in host or "}" in host or parts.fragment or not url.isprintable() or not url.isascii() or " " in url:
        raise TemplateError("the host of url is fixed, and url has neither spaces, accents nor a fragment")
    return parts.path, parts.query


def _known(where: str, text: str, allowed: frozenset[str]) -> None:
    for name in _HOLE.findall(text):
        if name not in allowed:
            raise TemplateError(f"{where} may not hold {{{name}}}; it may hold {', '.join(sorted(allowed))}")


def _flat(body: object) -> bool:
    return isinstance(body, dict) and all(isinstance(one, str) for one in body.values())


def _walk(tree: object, depth: int) -> None:
    if depth > _DEEPEST:
        raise TemplateError(f"the body is nested deeper than {_DEEPEST} levels")
    if isinstance(tree, str):
        _known("the body", tree, frozenset(PLACEHOLDERS))
    elif isinstance(tree, dict):
        for one in tree.values():
            _walk(one, depth + 1)
    elif isinstance(tree, (list, tuple)):
        for one in tree:
            _walk(one, depth + 1)


def values_of(phone: str, text: str, id: str, receipt_url: str, secret: str) -> dict[str, str]:  # noqa: A002
    """The values of the placeholders. Raises TemplateError for a number that is not written as +84901234567."""
    if not PHONE.match(phone):
        raise TemplateError("a telephone number is written as +84901234567")
    local = "0" + phone[3:] if phone.startswith("+84") else phone
    phones = {"phone": phone, "phone_plain": phone[1:], "phone_local": local}
    return {**phones, "text": text, "id": id, "receipt_url": receipt_url, "secret": secret}


def expanded(template: Template, values: Mapping[str, str]) -> Request:
    """The request. Raises TemplateError when a value cannot stand where it would."""
    path, query = _parts(template.url)
    head = template.url[: template.url.index("//") + 2] + urlsplit(template.url).netloc
    url = head + _filled(path, values, _step) + ("?" + _filled(query, values, _component) if query else "")
    headers = {name: _filled(value, values, _header) for name, value in template.headers.items()}
    body = None
    if template.format == "json":
        body = msgspec.json.encode(_tree(template.body, values))
        headers["Content-Type"] = "application/json"
    elif template.format == "form":
        body = urlencode(_tree(template.body, values), encoding="utf-8", errors="replace").encode("ascii")
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    return Request(method=template.method, url=url, headers=headers, body=body)


def _filled(text: str, values: Mapping[str, str], escape: Any) -> str:
    """Each placeholder once, in one pass: a value that looks like a placeholder stays what it is."""
    return _HOLE.sub(lambda hole: escape(_value(hole[1], values)), text)


def _value(name: str, values: Mapping[str, str]) -> str:
    if name not in values:
        raise TemplateError(f"there is no {{{name}}}")
    return values[name]


def _component(value: str) -> str:
    return quote(value, safe="", encoding="utf-8", errors="replace")


def _step(value: str) -> str:
    if not value.strip("."):
        raise TemplateError("a step of the path would be empty, or lead elsewhere")
    return _component(value)


def _header(value: str) -> str:
    if not _HEADER_VALUE.match(value):
        raise TemplateError("a value holds signs that no header may have")
    return value


def _tree(tree: Any, values: Mapping[str, str]) -> Any:
    if isinstance(tree, str):
        return _filled(tree, values, _storable)
    if isinstance(tree, dict):
        return {name: _tree(one, values) for name, one in tree.items()}
    if isinstance(tree, (list, tuple)):
        return [_tree(one, values) for one in tree]
    return tree


def _storable(value: str) -> str:
    """Without lone surrogates, which no UTF-8 holds."""
    return value.encode("utf-8", "replace").decode()


def member(answer: bytes, path: str) -> str | None:
    """A member of a JSON answer as text (`true`, `0`, `ok`), None when it is not there or the answer is no JSON."""
    try:
        found: Any = msgspec.json.decode(answer)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    for name in path.split("."):
        if isinstance(found, list) and name.isascii() and name.isdigit() and int(name) < len(found):
            found = found[int(name)]
        elif isinstance(found, dict) and name in found:
            found = found[name]
        else:
            return None
    if isinstance(found, str):
        return found
    return msgspec.json.encode(found).decode() if not isinstance(found, (dict, list)) else None
