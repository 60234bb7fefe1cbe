"""Parts of a multipart answer, and which cameras are asked for."""

import datetime as dt

import pytest

from ioc.api.live_view import BOUNDARY, _codes, _still, part
from ioc.api.problems import ProblemError
from ioc.api.query import Query
from ioc.pictures import Picture


def test_a_part_tells_its_length_and_ends_with_the_next_delimiter() -> None:
    made = part("image/jpeg", b"\xff\xd8", camera="cam-a", taken_at="2026-11-25T00:00:00Z")
    assert made == (
        b"Content-Type: image/jpeg\r\nContent-Length: 2\r\nX-Camera: cam-a\r\nX-Taken-At: 2026-11-25T00:00:00Z\r\n"
        b"\r\n\xff\xd8\r\n--" + BOUNDARY.encode() + b"\r\n"
    )


def test_codes_are_read_strictly() -> None:
    assert _codes(Query({"codes": "cam-a,cam-b"}, {"codes"}), "codes") == ["cam-a", "cam-b"]
    assert _codes(Query({}, {"codes"}), "codes") == []
    for wrong in (",", "cam-a,", "cam-a,cam-a", "Cam", "cam-a;cam-b", "../x"):
        with pytest.raises(ProblemError):
            _codes(Query({"codes": wrong}, {"codes"}), "codes")


def test_a_still_picture_that_is_old_is_not_live_whoever_says_so() -> None:
    """A worker that stands still keeps its last state for a while."""
    now = dt.datetime(2026, 11, 25, tzinfo=dt.UTC)

    def state(seconds: float, said: str = "live") -> bytes:
        picture = Picture(jpeg=b"", taken_at=now - dt.timedelta(seconds=seconds), state=said)
        return _still("cam-a", picture, now).partition(b"X-Camera-State: ")[2].partition(b"\r\n")[0]

    assert (state(3.0), state(30.0), state(30.0, "covered")) == (b"live", b"silent", b"covered")
