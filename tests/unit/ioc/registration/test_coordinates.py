"""Places as people write them, and what they may have meant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.position import Box
from ioc.registration.coordinates import Written, degrees, number, read, zone_of

HOME = Box(west=107.2, south=14.9, east=109.0, north=16.3)
HOI_AN = (108.3279, 15.8801)
IN_GRID = (108.387985, 15.8881956)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("108.3279", 108.3279), ("108,3279", 108.3279), ("1.757.312,45", 1757312.45), ("1,757,312.45", 1757312.45),
        ("1 757 312,45", 1757312.45), ("568123 m", 568123.0), ("-15.88", -15.88), ("108°", 108.0), (",5", 0.5),
    ],
)  # fmt: skip
def test_numbers_in_both_ways_of_writing_them(text: str, value: float) -> None:
    assert number(text) == value


@pytest.mark.parametrize("text", ["", "abc", "1,2,3", "nan", "inf", "1e400", "0x10", "--1", "1.2.3"])
def test_what_is_no_number(text: str) -> None:
    with pytest.raises(ValueError, match="is no number"):
        number(text)


@pytest.mark.parametrize(
    ("text", "value", "east"),
    [
        ("15°52'48\"N", 15.88, False), ("15°52′48″", 15.88, None), ("15 52 48 N", 15.88, False),
        ("15°52'48\" B", 15.88, False), ("108°19'48\"Đ", 108.33, True), ("E 108.33", 108.33, True),
        ("15°52.8'", 15.88, None), ("108d19m48s", 108.33, None), ("15°52'48\"S", -15.88, False),
        ("108º19’48,0”E", 108.33, True), ("-15°52'48\"", -15.88, None),
    ],
)  # fmt: skip
def test_angles(text: str, value: float, east: bool | None) -> None:
    found, letter = degrees(text)
    assert (round(found, 9), letter) == (value, east)


@pytest.mark.parametrize("text", ["15°60'00\"", "15°52'61\"", "Hội An", "15°°"])
def test_what_is_no_angle(text: str) -> None:
    with pytest.raises(ValueError, match=r"no number|60 minutes"):
        degrees(text)


@pytest.mark.parametrize(
    ("written", "place"),
    [
        (Written("108.3279", "15.8801"), HOI_AN),
        (Written("108,3279", "15,8801"), HOI_AN),
        (Written("108°19'40.44\"E", "15°52'48.36\"N"), HOI_AN),
        (Written("15°52'48.36\"N", "108°19'40.44\"E"), HOI_AN),
        (Written(position="15.8801, 108.3279"), HOI_AN),
        (Written(position="108.3279 15.8801"), HOI_AN),
        (Written(position="15,8801; 108,3279"), HOI_AN),
        (Written(position="POINT(108.3279 15.8801)"), HOI_AN),
        (Written(position="15°52'48.36\"N 108°19'40.44\"E"), HOI_AN),
        (Written(x="1757312.45", y="568123.4"), IN_GRID),
        (Written(x="568.123,4", y="1.757.312,45"), IN_GRID),
        (Written(x="1757312.45", y="568123.4", meridian="107°45'"), IN_GRID),
        (Written("105.85", "21.03"), (105.85, 21.03)),
    ],
)
def test_a_right_place_is_taken(written: Written, place: tuple[float, float]) -> None:
    found = read(written, HOME)
    assert found.fault is None
    assert found.position is not None
    assert found.position.lonlat == place


@pytest.mark.parametrize(
    ("written", "place", "words"),
    [
        (Written("15.8801", "108.3279"), HOI_AN, "swapped"),
        (Written("-108.3279", "15.8801"), HOI_AN, "sign"),
        (Written("108.3279", "-15.8801"), HOI_AN, "sign"),
        (Written("568123.4", "1757312.45"), IN_GRID, "107°45'"),
        (Written("1757312,45", "568123,4"), IN_GRID, "107°45'"),
        (Written("1083279", "158801"), HOI_AN, "decimal point"),
        (Written("108.327.900", "15.880.100"), HOI_AN, "decimal point"),
        (Written(x="108.3279", y="-15.8801"), HOI_AN, "sign"),
    ],
)
def test_what_was_meant_is_offered_and_not_taken(written: Written, place: tuple[float, float], words: str) -> None:
    found = read(written, HOME)
    assert found.position is None
    assert found.fault is not None
    assert found.offer is not None
    assert found.offer.position == place
    assert words in found.offer.en


def test_a_neighbours_zone_is_offered_with_its_name_and_taken_where_the_row_names_it() -> None:
    there = {"x": "1757400", "y": "690000"}  # beyond the province in our zone
    found = read(Written(**there), HOME)
    assert found.offer is not None
    assert "VN-2000" in found.offer.en
    named = read(Written(**there, meridian="VN-2000 107°00'"), HOME)
    assert named.position is not None
    assert read(Written(x="541300", y="1757312", meridian="108"), HOME).position is not None


@pytest.mark.parametrize(
    "written",
    [
        Written("108.3"),
        Written("abc", "15"),
        Written("", "15"),
        Written(x="5"),
        Written(position="15"),
        Written(x="1757312", y="568123", meridian="99"),
    ],
)
def test_half_a_place_is_named(written: Written) -> None:
    found = read(written, HOME)
    assert found.position is None
    assert found.offer is None
    assert found.fault is not None


@given(st.text(max_size=40), st.text(alphabet="0123456789.,°'\"NESWĐB -", max_size=30))
def test_whatever_stands_there_has_an_answer(one: str, other: str) -> None:
    for written in (
        Written(one, other),
        Written(x=one, y=other),
        Written(position=other),
        Written(other, other, other),
    ):
        found = read(written, HOME)
        assert (found.position is None) == (found.fault is not None)


def test_zones_by_their_meridians() -> None:
    assert zone_of("EPSG:5899").meridian == 107.75
    assert zone_of("KTT 107°30'").meridian == 107.5
    with pytest.raises(ValueError, match="no meridian"):
        zone_of("100")
