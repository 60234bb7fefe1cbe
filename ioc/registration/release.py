"""A release of administrative units as a file: what it says, and the units that it brings.

A release is a head with files of units. The head is TOML or JSON; the files are GeoJSON collections that lie beside or
below it.
One GeoJSON collection is a release by itself when the head is its member `release`. README describes every member.
"""

import datetime as dt
import hashlib
import json
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

import msgspec
import shapely

from gis.areas import Area, area_from_feature

Read = Callable[[str], bytes]
"""The bytes of a file that a head names. OSError when it cannot be read."""

_CODE = re.compile(r"[0-9A-Za-z]{1,12}")
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{1,62}")
_KINDS = (".toml", ".json", ".geojson")


class ReleaseError(ValueError):
    """A release that contradicts itself or what is there; the text says in one sentence what to mend."""


class Joined(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A unit whose land is that of the units `of`, which cease: as the law says it, without a boundary of its own.

    What is left out is as it is of the unit of the same code.
    """

    code: str
    of: tuple[str, ...]
    name: str = ""
    kind: str = ""
    parent: str = ""


class Head(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a release says of itself.

    `release` names it for ever. `effective` is the first local day of its units, `source` the legal text. `whole`: its
    units are all that there are from that day on; otherwise what it neither names nor replaces stays. `parents` gives
    the parent's code of units that do not say it themselves, by code or by `level-N`. `successors` names by old code
    what a unit became where the share of land would say otherwise, `centres` by new code which centre serves a unit
    where it is not the centre of the land's largest share before. `overlap` is how much of the smaller of two units
    they may have in common.
    """

    release: str
    effective: dt.date
    source: str
    files: tuple[str, ...] = ()
    joined: tuple[Joined, ...] = ()
    whole: bool = True
    parents: Mapping[str, str] = {}
    successors: Mapping[str, tuple[str, ...]] = {}
    centres: Mapping[str, str] = {}
    overlap: float = 0.001


class Release(msgspec.Struct, frozen=True, kw_only=True):
    """A release as it was read. `units` have the parent's code where an entered area has its feature id, the highest
    level first; `digest` is the SHA-256 of all bytes, in the order in which the head names the files."""

    head: Head
    units: tuple[Area, ...]
    digest: bytes


def read(name: str, read_file: Read) -> Release:
    """A release from its head's file. Raises ReleaseError, and OSError when a file cannot be read."""
    taken = hashlib.sha256()

    def bytes_of(file: str) -> bytes:
        found = read_file(file)
        taken.update(f"{len(found)}:".encode() + found)
        return found

    head, features = _head(name, bytes_of(name))
    for file in head.files:
        features += _features(file, _parsed(file, bytes_of(file)))
    units = sorted((_unit(feature, head) for feature in features), key=lambda unit: (unit.level, unit.code))
    _once([unit.code for unit in units] + [joined.code for joined in head.joined])
    if not units and not head.joined:
        raise ReleaseError(f"{name} brings no unit; name its GeoJSON files in `files`")
    return Release(head=head, units=tuple(units), digest=taken.digest())


def _head(name: str, text: bytes) -> tuple[Head, list[Mapping[str, Any]]]:
    if not name.endswith(_KINDS):
        raise ReleaseError(f"{name} is no release: give a head in TOML or JSON, or a GeoJSON collection with one")
    document = _parsed(name, text)
    own: list[Mapping[str, Any]] = []
    if "features" in document:
        own, document = _features(name, document), document.get("release") or {}
    try:
        head = msgspec.convert(document, Head)
    except msgspec.ValidationError as error:
        raise ReleaseError(f"the head of {name} cannot be used: {error}") from error
    if not _NAME.fullmatch(head.release):
        raise ReleaseError(f"the release's name {head.release!r} is not lower case letters, digits and hyphens")
    if not head.source.strip():
        raise ReleaseError(f"{name} names no legal source; say in `source` which text made these units")
    for file in head.files:
        path = PurePosixPath(file)
        if path.is_absolute() or ".." in path.parts or "\\" in file:
            raise ReleaseError(f"{file!r} lies neither beside nor below the head; put it there")
    return head, own


def _parsed(name: str, text: bytes) -> dict[str, Any]:
    try:
        found = tomllib.loads(text.decode()) if name.endswith(".toml") else json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ReleaseError(f"{name} cannot be read: {error}") from error
    if not isinstance(found, dict):
        raise ReleaseError(f"{name} holds no table of members")
    return found


def _features(name: str, document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    found = document.get("features")
    if document.get("type") != "FeatureCollection" or not isinstance(found, list):
        raise ReleaseError(f"{name} is no GeoJSON collection of features")
    return list(found)


def _unit(feature: Mapping[str, Any], head: Head) -> Area:
    try:
        about = feature["properties"]
        code, level = str(about["code"]), int(about["level"])
        named = {"type": about["type"] if "type" in about else about["kind"]}
        area = area_from_feature(
            {"properties": {**about, **named}, "geometry": feature["geometry"]},
            valid_from=head.effective,
            valid_to=None,
            parent=_parent(about, code, level, head),
        )
    except (KeyError, TypeError, AttributeError, shapely.errors.ShapelyError) as error:
        raise ReleaseError(f"a unit lacks code, name, kind (or type), level or boundary: {error!r}") from error
    except ValueError as error:
        raise ReleaseError(str(error)) from error
    if not _CODE.fullmatch(code) or not area.name.strip() or not area.kind.strip() or not 1 <= level <= 3:
        raise ReleaseError(f"unit {code!r} needs a code of letters and digits, a name, a kind, and level 1, 2 or 3")
    said = str(about.get("valid_from") or head.effective)
    if said != head.effective.isoformat():
        raise ReleaseError(f"unit {code} is valid from {said}, but its release from {head.effective}; keep one day")
    return area


def _parent(about: Mapping[str, Any], code: str, level: int, head: Head) -> str | None:
    own = about.get("parent", about.get("parent_code"))
    return head.parents.get(code, str(own) if own else head.parents.get(f"level-{level}"))


def _once(codes: Iterable[str]) -> None:
    seen: set[str] = set()
    for code in codes:
        if code in seen:
            raise ReleaseError(f"unit {code} is in the release twice; keep one")
        seen.add(code)


def named_codes(head: Head) -> Sequence[str]:
    """Codes of the units that a head says cease."""
    return [*head.successors, *(code for joined in head.joined for code in joined.of)]
