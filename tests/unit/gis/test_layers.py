"""The descriptions of the map's layers."""

import datetime as dt
import uuid

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.layer import Layer
from gis.layers import AREAS, INCIDENTS, LAYERS, OBSERVATIONS_LATEST, feature, moment

AT = dt.datetime(2026, 11, 22, 8, 2, 3, 456_789, tzinfo=dt.timezone(dt.timedelta(hours=7)))


def test_a_moment_is_utc_with_milliseconds() -> None:
    assert moment(AT) == "2026-11-22T01:02:03.456Z"
    with pytest.raises(ValueError, match="zone"):
        moment(AT.replace(tzinfo=None))


@given(st.integers(-(2**31), 2**34), st.integers(-1_000, 1_000))
def test_a_moment_reads_back_to_the_millisecond(seconds: int, offset: int) -> None:
    zone = dt.timezone(dt.timedelta(minutes=offset))
    at = dt.datetime.fromtimestamp(seconds, zone) + dt.timedelta(microseconds=987_654)
    assert abs(dt.datetime.fromisoformat(moment(at)) - at) < dt.timedelta(milliseconds=1)


@pytest.mark.parametrize("layer", LAYERS.values(), ids=lambda layer: layer.id)
def test_a_field_is_described_once(layer: Layer) -> None:
    names = [field.name for field in layer.fields]
    assert sorted(set(names)) == sorted(names)


def test_a_feature_has_every_field_and_plain_values() -> None:
    fid = uuid.uuid4()
    row = {field.name: None for field in INCIDENTS.fields} | {
        "id": fid,
        "opened_at": AT,
        "sources": ["sensor"],
    }
    made = feature(INCIDENTS, row | {"lon": 108.0, "lat": 15.12345678})
    assert made["id"] == made["properties"]["id"] == str(fid)
    assert made["geometry"] == {"type": "Point", "coordinates": [108.0, 15.1234568]}
    assert made["properties"]["opened_at"] == "2026-11-22T01:02:03.456Z"
    assert set(made["properties"]) == {field.name for field in INCIDENTS.fields}


def test_geometry_may_be_text_a_dict_or_nothing() -> None:
    row = {field.name: None for field in AREAS.fields} | {"fid": "502@2024-09-01", "valid_from": AT.date()}
    made = orjson.loads(orjson.dumps(feature(AREAS, row | {"geometry": '{"type":"Point"}'})))
    assert made["geometry"] == {"type": "Point"}
    assert made["properties"]["valid_from"] == "2026-11-22"
    assert feature(AREAS, row | {"geometry": {"type": "Point"}})["geometry"] == {"type": "Point"}
    assert feature(AREAS, row | {"lon": None, "lat": None})["geometry"] is None


@pytest.mark.parametrize("layer", LAYERS.values(), ids=lambda layer: layer.id)
def test_fields_have_names_of_their_own_and_known_kinds(layer: Layer) -> None:
    names = [field.name for field in layer.fields]
    assert len(names) == len(set(names))
    kinds = {"string", "uuid", "integer", "number", "boolean", "datetime", "date", "strings", "object"}
    assert {field.kind for field in layer.fields} <= kinds
    assert all(field.vi and field.en for field in layer.fields)
    assert all(field.kind not in ("strings", "object") for field in layer.fields if field.filter or field.tile)


@given(st.text())
def test_any_text_is_an_id_or_none(text: str) -> None:
    for layer in LAYERS.values():
        key = layer.key_of(text)
        assert key is None or len(key) == len(layer.key)


def test_an_id_reads_back() -> None:
    assert OBSERVATIONS_LATEST.key_of("gauge-one:water_level") == ("gauge-one", "water_level")
    assert OBSERVATIONS_LATEST.fid({"device": "a", "property": "b"}) == "a:b"
    assert OBSERVATIONS_LATEST.key_of("gauge-one") is None
    assert INCIDENTS.key_of("x") is None
    assert AREAS.key_of("502@2024-09-01") == ("502@2024-09-01",)
    assert AREAS.key_of("a\0") is None
