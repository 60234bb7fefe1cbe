"""Names of units as GeoJSON; the route itself is tried in tests/integration/test_api.py."""

import pytest

from ioc.api.areas import feature, short
from ioc.store.labels import Label


@pytest.mark.parametrize(
    ("name", "kind", "wanted"),
    [
        ("Xã Đại Lộc", "Xã", "Đại Lộc"),
        ("Phường 1", "Phường", "Phường 1"),
        ("Tam Kỳ", "district", "Tam Kỳ"),
        ("Xã", "Xã", "Xã"),
    ],
)
def test_the_short_name_leaves_the_kind_out(name: str, kind: str, wanted: str) -> None:
    assert short(name, kind) == wanted


def test_a_label_is_a_point_with_both_names() -> None:
    made = feature(Label(code="20500", name="Xã Đại Lộc", kind="Xã", lon=108.1, lat=15.9))
    assert made["geometry"] == {"type": "Point", "coordinates": [108.1, 15.9]}
    assert (made["properties"]["name"], made["properties"]["short_name"]) == ("Xã Đại Lộc", "Đại Lộc")
