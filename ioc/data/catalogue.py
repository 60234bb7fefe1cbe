"""Device profiles, retention classes and rule packs, read from the files of this package as parsed TOML.

The rooms that use them give them their types; here they are only found and read.
"""

import tomllib
from importlib import resources
from typing import Any


def profiles() -> dict[str, dict[str, Any]]:
    """Profile code -> its table: name, name_en, codec, interval_s and property tables."""
    found: dict[str, dict[str, Any]] = tomllib.loads(_text("profiles.toml"))["profile"]
    return found


def retention() -> dict[str, dict[str, Any]]:
    """Retention class -> its table: number, step, readings_days, rollups_days."""
    found: dict[str, dict[str, Any]] = tomllib.loads(_text("retention.toml"))["class"]
    return found


def media_retention() -> dict[str, dict[str, Any]]:
    """Retention class of evidence -> its table: days."""
    found: dict[str, dict[str, Any]] = tomllib.loads(_text("retention.toml"))["media"]
    return found


def checklists() -> dict[str, list[dict[str, Any]]]:
    """Category -> the steps of its procedure: item, vi, en, required."""
    return {category: table["items"] for category, table in tomllib.loads(_text("checklists.toml")).items()}


def rule_packs() -> tuple[dict[str, Any], ...]:
    """Every shipped pack (`pack` table and list `rule`), in order of file name."""
    folder = resources.files("ioc.data").joinpath("rules")
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".toml"))
    return tuple(tomllib.loads(_text(f"rules/{name}")) for name in names)


def categories() -> dict[str, Any]:
    """The tables of categories.toml: correlation, category, pair."""
    return tomllib.loads(_text("categories.toml"))


def told() -> dict[str, Any]:
    """How what people say becomes alarms: tables unsaid, geocodes and cap, and the list words."""
    return tomllib.loads(_text("told.toml"))


def basins() -> dict[str, Any]:
    """The tables of basins.toml: hours, categories, flow."""
    return tomllib.loads(_text("basins.toml"))


def tickets() -> dict[str, Any]:
    """The policy of tickets as it is shipped: the tables of tickets.toml and of calendar.toml together."""
    return tomllib.loads(_text("tickets.toml")) | tomllib.loads(_text("calendar.toml"))


def register() -> dict[str, Any]:
    """What the law asks of devices and cameras: the list asked."""
    return tomllib.loads(_text("register.toml"))


def _text(path: str) -> str:
    return resources.files("ioc.data").joinpath(path).read_text(encoding="utf-8")
