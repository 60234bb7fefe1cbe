"""What a collection is made of: its fields by name, the ids of its features and the keys behind them."""

import uuid

import pytest

from gis.layer import Field, Layer

KINDS = (Field("device", "string", "Thiết bị", "Device"), Field("property", "string", "Đại lượng", "Property"))
PAIR = Layer(id="pairs", vi="Cặp", en="Pairs", relation="pairs", key=("device", "property"), fields=KINDS)
ONE = Layer(id="ones", vi="Một", en="Ones", relation="ones", key=("id",), key_kind="uuid", fields=())


def test_a_field_is_found_by_its_name() -> None:
    assert PAIR.field("device") is KINDS[0]
    assert PAIR.field("nothing") is None


def test_an_id_is_the_key_and_the_key_is_the_id() -> None:
    assert PAIR.key_of(PAIR.fid({"device": "g", "property": "a:b"})) == ("g", "a:b")
    name = uuid.UUID(int=7)
    assert ONE.key_of(ONE.fid({"id": name})) == (name,)


@pytest.mark.parametrize(("layer", "fid"), [(PAIR, "g"), (PAIR, ""), (PAIR, "a\0:b"), (ONE, "x"), (ONE, "")])
def test_what_no_feature_can_be_called_has_no_key(layer: Layer, fid: str) -> None:
    assert layer.key_of(fid) is None
