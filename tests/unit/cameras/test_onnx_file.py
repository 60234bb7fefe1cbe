"""Facts about what an ONNX file says of itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cameras.onnx_file import about
from tests.fakes.onnx_model import field, model


def test_the_input_and_the_names_are_read() -> None:
    known = about(model(("person", "motorcycle")))
    assert (known.height, known.width, known.names) == (64, 64, ("person", "motorcycle"))


def test_a_side_that_is_not_fixed_is_0_and_names_may_be_missing() -> None:
    assert about(model(side=0)).height == 0
    assert about(model(None)).names == ()


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("['a', 'b']", ("a", "b")),
        ("{1: 'b', 0: 'a'}", ("a", "b")),
        ("{'x': 1}", ()),
        ("__import__('os')", ()),
        ("(", ()),
    ],
)
def test_names_are_read_as_text_alone(text: str, names: tuple[str, ...]) -> None:
    data = model(None) + field(14, field(1, "names") + field(2, text))
    assert about(data).names == names


def test_a_message_without_a_graph_is_no_model() -> None:
    for data in (b"", field(1, 8), b"GIF89a" * 30, b"\xff" * 40):
        with pytest.raises(ValueError, match=r"."):
            about(data)


@given(cut=st.integers(0, len(model()) - 1))
def test_a_model_that_is_cut_off_is_refused_or_still_says_the_same(cut: int) -> None:
    try:
        known = about(model()[:cut])
    except ValueError:
        return
    assert (known.height, known.width) in {(64, 64), (0, 0)}


@given(data=st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        about(data)
    except ValueError:
        return
