"""Rows and columns of readings."""

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from gis.observation import Value
from ioc.store.readings import Owner, Readings, Row, _columns, _latest_columns
from tests.fakes.things import NOW, reading

OWNER = Owner("quang-nam", "x@2025-07-01")


def row(stream: int, seconds: int, seq: int = 1) -> Row:
    at = NOW + dt.timedelta(seconds=seconds)
    return Row(at, stream, seq, float(seconds), 0, False, "r", None, NOW, "quang-nam", "x")


def writer() -> Readings:
    known = Readings(lambda device, name: "m")
    known._streams = {("gauge-ai-nghia", "water_level"): 1, ("gauge-ai-nghia", "battery"): 2}
    return known


def test_each_value_is_a_row_of_its_stream_under_the_owner_of_today() -> None:
    rows = list(writer()._rows(reading(2.5, more=(Value("battery", 3.7),)), OWNER, NOW))
    assert [(one.stream, one.value, one.seq, one.run) for one in rows] == [(1, 2.5, 1, "r"), (2, 3.7, 1, "r")]
    assert {(one.centre, one.area, one.arrived_at) for one in rows} == {("quang-nam", "x@2025-07-01", NOW)}


def test_a_source_that_does_not_count_is_told_apart_by_its_digest() -> None:
    (one,) = writer()._rows(reading(seq=None), OWNER, NOW)
    assert (one.seq, one.run) == (-1, "#0123456789abcdef")
    assert one.key == (1, NOW, "#0123456789abcdef", -1)


@given(st.lists(st.tuples(st.integers(1, 4), st.integers(0, 50))))
def test_the_latest_of_each_stream_is_its_newest_and_streams_rise(made: list[tuple[int, int]]) -> None:
    """All writers lock rows in one order, so that two cannot wait for each other."""
    columns = _latest_columns(row(stream, seconds) for stream, seconds in made)
    streams, moments = columns[0], columns[3]
    assert streams == sorted({stream for stream, _ in made})
    newest = {stream: max(seconds for other, seconds in made if other == stream) for stream, _ in made}
    assert moments == [NOW + dt.timedelta(seconds=newest[stream]) for stream in streams]


def test_of_two_at_one_moment_the_later_in_the_batch_is_the_latest() -> None:
    first, second = row(1, 5, seq=1), row(1, 5, seq=2)
    assert _columns([second], ("seq",)) == [[2]]
    changed = Row(*(getattr(second, name) if name != "value" else 9.0 for name in Row.__struct_fields__))
    assert _latest_columns([first, changed])[6] == [9.0]
