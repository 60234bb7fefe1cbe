"""The place in the query of `GET /api/v1/cameras`."""

import pytest

from gis.position import Position
from ioc.api.problems import ProblemError
from ioc.api.seeing import place_of


def test_a_place_is_lon_and_lat() -> None:
    assert place_of("108.33, 15.88") == Position(lon=108.33, lat=15.88)


@pytest.mark.parametrize("text", [None, "", "108", "108,15,3", "15.88,108.33", "nan,15", "x,y", "inf,0", "181,0"])
def test_what_is_no_place_is_a_problem(text: str | None) -> None:
    with pytest.raises(ProblemError):
        place_of(text)
