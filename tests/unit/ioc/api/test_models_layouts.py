"""What a layout may be."""

from typing import Any

import msgspec
import pytest

from ioc.api.models_layouts import Layouts, PutLayouts, fault

VIEW = {"centre": [108.1, 15.6], "zoom": 9}


def layouts(*names: str, default: str | None = None) -> Layouts:
    return msgspec.convert({"default": default, "layouts": [{"name": n, "view": VIEW} for n in names]}, Layouts)


def test_names_are_each_once_and_the_default_is_one_of_them() -> None:
    assert fault(layouts("Lũ", "Ca đêm", default="Lũ")) is None
    assert fault(layouts()) is None
    assert fault(layouts("Lũ", "Lũ")) == "name"
    assert fault(layouts("Lũ", default="Ca đêm")) == "default"


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "  "},
        {"name": "x" * 61},
        {"view": {"centre": [181, 0], "zoom": 9}},
        {"view": {"centre": [108, 15], "zoom": -1}},
        {"view": {"centre": [108], "zoom": 9}},
        {"list": "cameras"},
        {"heat": "yes"},
        {"more": 1},
        {"filter": {"severity": "extreme"}},
    ],
)
def test_what_is_no_layout_is_refused(wrong: dict[str, Any]) -> None:
    body = {"expected_version": 0, "layout": {"layouts": [{"name": "x", "view": VIEW} | wrong]}}
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(body, PutLayouts)
