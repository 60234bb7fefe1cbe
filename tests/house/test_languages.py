"""What the server ships in two languages is there in both, with the same holes, and is translated."""

import string
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

SAME = {"Camera", "{name}"}
"""Pairs that are written the same in both languages; so are names of places and people, which are no words."""
NAMED = ("name", "unit", "symbol")


def holes(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def pairs(value: Any, where: str) -> Iterator[tuple[str, str, Any, Any]]:
    """Every `vi` beside `en`, and every `x` beside `x_en`; None for one that is missing."""
    if isinstance(value, dict):
        if "vi" in value or "en" in value:
            yield where, "vi", value.get("vi"), value.get("en")
        for key in value:
            if key.endswith("_en"):
                yield where, key[:-3], value.get(key[:-3]), value[key]
            yield from pairs(value[key], f"{where}.{key}")
    elif isinstance(value, list):
        for at, one in enumerate(value):
            yield from pairs(one, f"{where}[{at}]")


@pytest.mark.parametrize(
    "name", ["categories", "checklists", "profiles", "rules/river-levels", "rules/rain", "rules/air"]
)
def test_a_file_says_everything_twice(root: Path, name: str) -> None:
    found = list(pairs(tomllib.loads((root / f"ioc/data/{name}.toml").read_text(encoding="utf-8")), name))
    assert found
    for where, key, vi, en in found:
        assert str(vi or "").strip(), f"{where} has no {key} in Vietnamese"
        assert str(en or "").strip(), f"{where} has no {key} in English"
        assert holes(vi) == holes(en), f"{where}: {key} has other holes in the other language"
        assert vi != en or vi in SAME or key in NAMED, f"{where}: {key} is not translated: {vi}"


def test_no_file_of_the_data_has_half_a_pair(root: Path) -> None:
    for path in sorted((root / "ioc/data").rglob("*.toml")):
        for where, key, vi, en in pairs(tomllib.loads(path.read_text(encoding="utf-8")), path.name):
            assert all((vi, en)), f"{where} says {key} in one language only"
