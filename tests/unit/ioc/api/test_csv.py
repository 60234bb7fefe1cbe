"""CSV that a spreadsheet shows and does not carry out."""

import csv
import datetime as dt
import io
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.crs import CRS84, EPSG4326, VN2000
from gis.layers import AREAS, CAMERAS, OBSERVATIONS_LATEST
from ioc.api.csv import cell, harmless, names, table, written

ACTIVE = "=+-@＝＋－＠\t\r"


def begins_active(text: str) -> bool:
    """Whether a spreadsheet would take the text for a formula."""
    bare = text.lstrip()
    return text[:1] in ("\t", "\r", "\n") or bare[:1] in tuple(ACTIVE)


@pytest.mark.parametrize(
    "text",
    [
        '=HYPERLINK("http://x";"y")',
        "+cmd|' /C calc'!A0",
        "-2+3+cmd|' /C calc'!A0",
        "@SUM(1+1)*cmd|' /C calc'!A0",
        "\t=1+1",
        "\r=1+1",
        "\n=1+1",
        "  =1+1",
        "＝1+1",
        "-1e5",
        "+84 905 123 456",
    ],
)
def test_what_begins_like_a_formula_gets_an_apostrophe(text: str) -> None:
    assert harmless(text) == f"'{text}" or harmless(text).startswith("'")
    assert not begins_active(harmless(text))


@pytest.mark.parametrize("text", ["-5", "+3.25", "-0.5", "12", "Sông Thu Bồn", "a-b=c", "x@y", "", "'quoted'"])
def test_numbers_and_plain_texts_stay_as_they_are(text: str) -> None:
    assert harmless(text) == text


@given(st.text(alphabet=st.sampled_from("=+-@＝＋\t\r\n ;|,\"'ab1.đ")) | st.text())
def test_no_cell_of_any_program_begins_like_a_formula(text: str) -> None:
    """Read as CSV with commas, and as programs read it that take a semicolon, a tab or a bar for the separator."""
    body = written([[harmless(text), "end"]]).decode()
    [[first, _]] = csv.reader(io.StringIO(body, newline=""))
    for found in [first, *split_by_all(body)]:
        assert not begins_active(found) or is_number(found), (text, found)


def split_by_all(body: str) -> list[str]:
    """The pieces of a line between any separators, without quotes around them; the worst that a program may see."""
    for mark in "\r\n\t;|":
        body = body.replace(mark, "\0")
    return [piece.strip('"') for piece in body.split("\0") if piece.strip()]


def is_number(text: str) -> bool:
    """Whether a spreadsheet shows a number; what follows the last comma is another cell."""
    try:
        float(text.split(",")[0].strip('"'))
    except ValueError:
        return False
    return True


def test_values_are_written_for_programs_and_people() -> None:
    at = dt.datetime(2026, 11, 22, 1, 2, 3, 4_000, tzinfo=dt.UTC)
    assert [cell(value) for value in (None, True, False, 3, -0.5, at, dt.date(2025, 7, 1))] == [
        "", "true", "false", "3", "-0.5", "2026-11-22T01:02:03.004Z", "2025-07-01",
    ]  # fmt: skip
    assert cell(["a", "=b"]) == '["a","\'=b"]'
    assert cell(uuid.UUID(int=1)) == str(uuid.UUID(int=1))
    assert cell(-7) == "-7"


def test_the_head_names_the_axes_of_the_system() -> None:
    assert names(CAMERAS, CRS84)[-2:] == ["lon", "lat"]
    assert names(CAMERAS, EPSG4326)[-2:] == ["lat", "lon"]
    assert names(CAMERAS, VN2000)[-2:] == ["easting", "northing"]
    assert names(AREAS, CRS84)[-1] == "geometry"
    assert names(OBSERVATIONS_LATEST, CRS84)[0] == "id"


def test_a_table_is_rfc_4180() -> None:
    row = dict.fromkeys(field.name for field in AREAS.fields) | {
        "fid": "502@2024-09-01",
        "name": 'Tam Kỳ, "cũ"',
        "geometry": "POINT(1 2)",
    }
    body = table(AREAS, [row], CRS84).decode()  # type: ignore[list-item]
    assert body.endswith("\r\n")
    assert '"Tam Kỳ, ""cũ"""' in body
    [read] = csv.reader(io.StringIO(body, newline=""))
    assert (len(read), read[0], read[-1]) == (len(names(AREAS, CRS84)), "502@2024-09-01", "POINT(1 2)")
