"""A release of administrative units as a file."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest

from ioc.registration.release import Release, ReleaseError, named_codes, read

HEAD = {"release": "one", "effective": "2025-07-01", "source": "Nghị quyết 1"}


def square(code: str, west: float = 108.0, **about: Any) -> dict[str, Any]:
    ring = [[west, 15.0], [west + 1, 15.0], [west + 1, 16.0], [west, 16.0], [west, 15.0]]
    plain = {"code": code, "name": f"Xã {code}", "kind": "Xã", "level": 2, "parent": "48"}
    return {"type": "Feature", "properties": plain | about, "geometry": {"type": "Polygon", "coordinates": [ring]}}


def collection(*features: dict[str, Any], **more: Any) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": list(features), **more}).encode()


def files(**named: bytes) -> Callable[[str], bytes]:
    return lambda name: named[name.replace(".", "_")]


def one(*features: dict[str, Any], **head: Any) -> Release:
    """A release in one file."""
    return read("x.geojson", files(x_geojson=collection(*features, release=HEAD | head)))


def test_a_head_in_toml_names_the_files_beside_it() -> None:
    head = b'release = "one"\neffective = 2025-07-01\nsource = "NQ"\nfiles = ["a.geojson", "b.geojson"]\n'
    given = {"h_toml": head, "a_geojson": collection(square("2")), "b_geojson": collection(square("1"))}
    found = read("h.toml", files(**given))
    assert [unit.fid for unit in found.units] == ["1@2025-07-01", "2@2025-07-01"]
    assert (found.units[0].kind, found.units[0].parent) == ("Xã", "48")
    assert found.digest == hashlib.sha256(b"".join(f"{len(part)}:".encode() + part for part in given.values())).digest()
    assert read("h.toml", files(**given | {"b_geojson": collection(square("3"))})).digest != found.digest


def test_one_geojson_file_is_a_release_by_itself() -> None:
    found = one(square("1", type="Phường", kind=None))
    assert (found.head.release, found.units[0].kind, found.head.whole) == ("one", "Phường", True)


def test_the_parents_of_units_that_do_not_say_it() -> None:
    found = one(square("1", parent=None), square("2", west=110.0, parent=""), parents={"level-2": "48", "2": "49"})
    assert [unit.parent for unit in found.units] == ["48", "49"]


def test_what_ceases_by_name() -> None:
    joined = [{"code": "509", "of": ["509", "519"]}]
    found = one(joined=joined, successors={"502": ["1"]})
    assert list(named_codes(found.head)) == ["502", "509", "519"]


BOWTIE = [[108.0, 15.0], [109.0, 16.0], [109.0, 15.0], [108.0, 16.0], [108.0, 15.0]]


@pytest.mark.parametrize(
    ("features", "head", "why"),
    [
        ([], {}, "brings no unit"),
        ([square("1"), square("1", west=110)], {}, "unit 1 is in the release twice"),
        ([square("1") | {"geometry": {"type": "Polygon", "coordinates": [BOWTIE]}}], {}, "invalid boundary"),
        ([square("1") | {"geometry": None}], {}, "lacks code, name"),
        ([square("1") | {"properties": {"code": "1"}}], {}, "lacks code, name"),
        ([square("1", level=9)], {}, "level 1, 2 or 3"),
        ([square("x@y")], {}, "code of letters and digits"),
        ([square("1", valid_from="2025-08-01")], {}, "valid from 2025-08-01, but its release from 2025-07-01"),
        ([square("1")], {"source": " "}, "names no legal source"),
        ([square("1")], {"release": "Đợt 1"}, "not lower case"),
        ([square("1")], {"effective": "soon"}, "the head of x.geojson cannot be used"),
        ([square("1")], {"sucessors": {}}, "unknown field `sucessors`"),
        ([square("1")], {"files": ["../secret"]}, "neither beside nor below"),
        ([square("1")], {"files": ["/etc/passwd"]}, "neither beside nor below"),
    ],
)
def test_what_contradicts_itself_is_refused_in_a_sentence(
    features: list[dict[str, Any]], head: dict[str, Any], why: str
) -> None:
    with pytest.raises(ReleaseError, match=why):
        one(*features, **head)


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("h_toml", b"release = ", "h.toml cannot be read"),
        ("h_json", b"[]", "holds no table"),
        ("h_csv", b"", "is no release"),
        ("h_json", b'{"features": 1, "type": "FeatureCollection"}', "no GeoJSON collection"),
        ("h_json", b'{"features": []}', "no GeoJSON collection"),
    ],
)
def test_a_file_that_is_no_release_is_named(name: str, content: bytes, why: str) -> None:
    with pytest.raises(ReleaseError, match=why):
        read(name.replace("_", "."), files(**{name: content}))


def test_a_file_that_is_missing_is_said_by_who_reads() -> None:
    def missing(name: str) -> bytes:
        raise FileNotFoundError(2, "No such file", name)

    with pytest.raises(OSError, match="No such file"):
        read("h.toml", missing)
