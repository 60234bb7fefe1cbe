"""How the routes about files of the register are attacked: by registrars, and others, of the other centre."""

import uuid
import zlib
from collections.abc import Callable, Iterator

import asyncpg
import orjson

from tests.fakes.attack_things import Attack, Things

BASE = "/api/v1/register/imports"


def id_of(centre: str) -> str:
    """The id of a centre's dry run."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"import {centre}"))


async def checked(owner: asyncpg.Connection, centre: str, mark: str) -> None:
    """A dry run of a centre's registrar, marked in every text."""
    rows = [{"number": 2, "code": "", "texts": [mark], "cells": [{"field": "code", "vi": mark, "en": mark}]}]
    await owner.execute(
        "insert into imports (id, login, subject, made_at, expires_at, headings, unknown, rows) "
        "values ($1, $2, 'device', now(), now() + interval '1 day', array[$3], '[]', $4)",
        uuid.UUID(id_of(centre)), f"{centre}-registrar", mark, zlib.compress(orjson.dumps(rows)),
    )  # fmt: skip


def send(path: str, other: Things) -> Iterator[Attack]:
    """JSON is no file."""
    for kind in ("devices", "cameras"):
        yield Attack("POST", f"{path}?kind={kind}", {"code": other.device})


def one(path: str, other: Things) -> Iterator[Attack]:
    """A dry run of the other centre, read, applied, and its refused rows."""
    address = path.format(id=id_of(other.centre))
    if path.endswith("apply"):
        yield Attack("POST", address, {"accept_offers": True}, hidden=True)
        return
    yield Attack("GET", address, hidden=True)
    if path.endswith("refused"):
        yield Attack("GET", f"{address}?f=xlsx", hidden=True)


def export(path: str, other: Things) -> Iterator[Attack]:
    """Everything, and what names the other's things."""
    for kind in ("devices", "cameras"):
        for query in ("", f"&centre={other.centre}", f"&q={other.device}", "&f=xlsx", f"&type={other.mark[:4]}"):
            yield Attack("GET", f"{path}?kind={kind}{query}")


def keys(path: str, other: Things) -> Iterator[Attack]:
    """Keys of the other's things: a line that says that there is no such thing."""
    yield Attack("POST", path, {"codes": ["none-at-all"]})
    yield Attack("POST", path, {"codes": [other.device], "kind": "devices"})


def template(path: str, other: Things) -> Iterator[Attack]:
    """Templates, which name centres and units, and no thing."""
    for form in ("csv", "xlsx"):
        yield Attack("GET", f"{path}?kind=devices&f={form}")


RULES: dict[tuple[str, str], Callable[[str, Things], Iterator[Attack]]] = {
    ("post", BASE): send,
    ("get", f"{BASE}/{{id}}"): one,
    ("post", f"{BASE}/{{id}}/apply"): one,
    ("get", f"{BASE}/{{id}}/refused"): one,
    ("post", "/api/v1/register/keys"): keys,
    ("get", "/api/v1/register/export"): export,
    ("get", "/api/v1/register/template"): template,
}
