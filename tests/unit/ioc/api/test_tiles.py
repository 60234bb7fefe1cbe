"""Places of tiles."""

import contextlib

import pytest
from aiohttp.test_utils import make_mocked_request
from hypothesis import given
from hypothesis import strategies as st

from ioc.api.problems import ProblemError
from ioc.api.tiles import etag_of, has, place_of


@given(st.integers(0, 22), st.data())
def test_every_place_inside_is_taken(z: int, data: st.DataObject) -> None:
    row, col = (data.draw(st.integers(0, 2**z - 1)) for _ in range(2))
    assert place_of(str(z), str(row), str(col)) == (z, col, row)


@given(st.text(), st.text(), st.text())
def test_any_text_is_a_place_or_a_problem(z: str, row: str, col: str) -> None:
    with contextlib.suppress(ProblemError):
        zoom, x, y = place_of(z, row, col)
        assert max(x, y) < 2**zoom


@pytest.mark.parametrize("place", [("0", "1", "0"), ("23", "0", "0"), ("3", "0", "8")])
def test_a_place_outside_is_not_found(place: tuple[str, str, str]) -> None:
    with pytest.raises(ProblemError, match="not-found"):
        place_of(*place)


def test_a_tag_follows_the_content() -> None:
    assert etag_of(b"a") == etag_of(b"a") != etag_of(b"b")


@pytest.mark.parametrize(
    ("asked", "held"), [('"a"', True), ('"x", W/"a"', True), ("*", True), ('"x"', False), ("", False)]
)
def test_who_names_the_tag_has_the_answer(asked: str, held: bool) -> None:
    assert has(make_mocked_request("GET", "/", headers={"If-None-Match": asked}), '"a"') == held
