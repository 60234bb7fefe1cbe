"""Each library, the environment and the clock stay in their rooms: replaceable in one place."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

LIBRARIES = {
    "paho": ("sensors/broker_paho.py", "sensors/sign_ins.py"),
    "mqtt5": ("sensors/broker_mqtt5.py", "sensors/mqtt5_line.py", "sensors/mqtt5_packets.py"),
    "av": (
        "cameras/dial.py",
        "cameras/looking.py",
        "cameras/stream.py",
        "cameras/reencode.py",
        "cameras/remux.py",
        "ioc/demo/clips.py",
    ),
    "cv2": ("cameras/",),
    "aiohttp": ("ioc/api/", "ioc/outbound.py", "ioc/app.py", "cameras/pictures.py"),
    "aiosmtplib": ("ioc/tell/mail.py",),
    "cryptography": ("ioc/tell/push.py", "ioc/registration/authority.py", "ioc/vault.py"),
    "cql2": ("gis/cql2.py",),
    "segno": ("ioc/registration/qr.py",),
    "python_calamine": ("ioc/registration/sheet_xlsx.py",),
    "xlsxwriter": ("ioc/registration/sheet_xlsx.py",),
    "quickjs": ("sensors/codecs/sandbox.py",),
    "asyncpg": ("ioc/store/", "ioc/embedded/"),
    "argon2": ("ioc/access/",),
    "sqlalchemy": ("ioc/store/",),
    "geoalchemy2": ("ioc/store/",),
    "alembic": ("ioc/store/",),
}
"""Import name of the library -> files and folders that may import it."""

NAMES = {
    "os.environ": ("ioc/settings.py", "ioc/embedded/"),
    "os.getenv": ("ioc/settings.py", "ioc/embedded/"),
    "time.time": ("ioc/app.py",),
    "time.time_ns": ("ioc/app.py",),
    "datetime.datetime.now": ("ioc/clock.py",),
    "datetime.datetime.utcnow": (),
    "datetime.datetime.today": (),
    "datetime.date.today": (),
}
"""Full name of a thing of the standard library -> files and folders that may use it."""


def imported(tree: ast.AST) -> Iterator[str]:
    """The modules that a file imports, wherever in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def aliases(tree: ast.AST) -> dict[str, str]:
    """What the file calls things -> their full names: `dt` -> `datetime`, `environ` -> `os.environ`."""
    known: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            known.update((alias.asname or alias.name.split(".")[0], alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            known.update((alias.asname or alias.name, f"{node.module}.{alias.name}") for alias in node.names)
    return known


def used(tree: ast.AST) -> set[str]:
    """Full names of everything that the file reads by name or attribute."""
    known = aliases(tree)
    names = set(known.values())
    for node in ast.walk(tree):
        parts: list[str] = []
        inner: ast.AST = node
        while isinstance(inner, ast.Attribute):
            parts.append(inner.attr)
            inner = inner.value
        if isinstance(inner, ast.Name) and inner.id in known:
            names.add(".".join([known[inner.id], *reversed(parts)]))
    return names


def outside(sources: list[str], rooms: tuple[str, ...]) -> list[str]:
    """The source files that are in none of the rooms."""
    return [name for name in sources if not any(name == room or name.startswith(room) for room in rooms)]


@pytest.fixture(scope="module")
def trees(root: Path, sources: list[str]) -> dict[str, ast.AST]:
    """Every source file, parsed once."""
    return {name: ast.parse((root / name).read_text(encoding="utf-8")) for name in sources}


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_library_is_imported_only_in_its_rooms(library: str, trees: dict[str, ast.AST]) -> None:
    """The fence of each library, see house.md."""
    rooms = LIBRARIES[library]
    strays = [
        name
        for name in outside(list(trees), rooms)
        if any(module.split(".")[0] == library for module in imported(trees[name]))
    ]
    assert not strays, f"{library} belongs to {', '.join(rooms)} alone, but is imported in {', '.join(strays)}"


@pytest.mark.parametrize("thing", NAMES)
def test_the_environment_and_the_clock_are_read_only_in_their_rooms(thing: str, trees: dict[str, ast.AST]) -> None:
    """Everybody else is handed settings and `now`."""
    rooms = NAMES[thing]
    strays = [name for name in outside(list(trees), rooms) if thing in used(trees[name])]
    assert not strays, f"{thing} may be used in {', '.join(rooms) or 'no file'}, but is in {', '.join(strays)}"


@pytest.mark.parametrize(
    ("text", "thing"),
    [
        ("import datetime as dt\ndt.datetime.now()", "datetime.datetime.now"),
        ("from datetime import datetime as d\nd.now(tz)", "datetime.datetime.now"),
        ("from os import environ", "os.environ"),
        ("import os\nx = os.environ['A']", "os.environ"),
        ("from time import time\ntime()", "time.time"),
    ],
)
def test_the_fences_see_through_other_names(text: str, thing: str) -> None:
    """A fence that a renamed import passes is none."""
    assert thing in used(ast.parse(text))
