"""Facts about what goes on for a while."""

import itertools

import msgspec
import pytest

from cameras.event import UPDATE_S, Event, Lasting, event_of
from cameras.track import Track

ONE = Event(kind="zone_presence", subject="door", direction="", track=1, box=(0, 0, 0.1, 0.1), at=3.0, since=2.0)


def later(seconds: float, **more: int) -> Event:
    """The same thing later."""
    return msgspec.structs.replace(ONE, at=ONE.at + seconds, **more)


def test_it_starts_goes_on_and_ends_under_one_number() -> None:
    """Updates come each few seconds, never each look; the end has the newest count and its own moment."""
    lasting = Lasting()
    said = lasting.goes_on("door", ONE)
    for step in range(1, 40):
        said += lasting.goes_on("door", later(step * 0.2, count=step))
    assert "door" in lasting
    said += lasting.ends("door", 10.5)
    assert [event.phase for event in said] == ["start", "update", "end"]
    assert {event.number for event in said} == {1}
    assert {event.since for event in said} == {2.0}
    assert said[1].at == pytest.approx(ONE.at + UPDATE_S)
    assert (said[-1].count, said[-1].at) == (39, 10.5)
    assert "door" not in lasting


def test_nothing_ends_that_did_not_begin_nor_before_it_began() -> None:
    """An end is never earlier than the beginning."""
    lasting = Lasting()
    assert lasting.ends("door", 1.0) == []
    lasting.goes_on("door", ONE)
    assert [event.at for event in lasting.ends("door", 1.0)] == [2.0]


def test_numbers_are_shared_where_the_count_is() -> None:
    """Two watchers of one camera never give one number twice."""
    numbers = itertools.count(1)
    one, other = Lasting(numbers), Lasting(numbers)
    said = one.goes_on("a", ONE) + other.goes_on("a", ONE) + one.ends("a", 4.0) + one.goes_on("a", ONE)
    assert [event.number for event in said] == [1, 2, 1, 3]


def test_a_box_is_cut_to_the_picture() -> None:
    """What is beyond its edge is not there."""
    event = event_of("line_crossed", "L1", Track(7, (-0.1, 0.8, 0.3, 0.4), 0.0), 1.0, direction="in")
    assert event.box == pytest.approx((0.0, 0.8, 0.2, 0.2))
    assert (event.track, event.direction, event.phase) == (7, "in", "moment")
