"""When clips begin and end, and which sightings share one."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from cameras.cutting import Cutting, Manner
from cameras.event import Event

MANNER = Manner()


def event(at: float, **more: Any) -> Event:
    plain: dict[str, Any] = {"kind": "wrong_way", "subject": "L1", "direction": "", "track": 1, "box": (0, 0, 1, 1)}
    return Event(**plain | {"at": at} | more)


def life(phase: str, at: float, number: int = 7) -> Event:
    return event(at, kind="stopped", phase=phase, number=number, since=0.0)


def test_a_sighting_gets_a_clip_that_ends_after_its_time() -> None:
    cutting = Cutting()
    assert cutting.ask(event(100.0)) == (1, True)
    assert not cutting.over(100.0 + MANNER.after_s - 0.1)
    assert cutting.over(100.0 + MANNER.after_s)


def test_sightings_within_a_clip_share_it_and_make_it_longer_up_to_its_limit() -> None:
    cutting = Cutting()
    cutting.ask(event(100.0))
    for at in range(101, 150):
        assert cutting.ask(event(float(at))) == (1, False)
    assert cutting.open is not None
    assert cutting.open.until == cutting.open.limit == 100.0 - MANNER.before_s + MANNER.longest_s


def test_what_goes_on_is_one_clip_until_its_end() -> None:
    """Start, updates, end: under one number, filmed until after the end."""
    cutting = Cutting()
    assert cutting.ask(life("start", 10.0)) == (1, True)
    for at in (14.0, 18.0, 22.0):
        assert cutting.ask(life("update", at)) == (1, False)
        assert not cutting.over(at + MANNER.after_s - 0.1)
    assert cutting.ask(life("end", 25.0)) == (1, False)
    assert cutting.over(25.0 + MANNER.after_s)


def test_what_goes_on_longer_than_a_clip_keeps_its_clip_and_gets_no_other() -> None:
    cutting = Cutting()
    cutting.ask(life("start", 0.0))
    cutting.close()
    assert cutting.ask(life("update", 300.0)) == (1, False)
    assert cutting.open is None
    assert cutting.ask(life("end", 600.0)) == (1, False)
    assert cutting.ask(life("start", 601.0)) == (2, True)


def test_two_lives_at_once_share_one_clip() -> None:
    cutting = Cutting()
    assert cutting.ask(life("start", 0.0, 1)) == (1, True)
    assert cutting.ask(life("start", 2.0, 2)) == (1, False)


def test_routine_gets_few_clips_an_hour_and_what_matters_still_gets_its_own() -> None:
    cutting = Cutting(Manner(routine_an_hour=3))
    numbers = []
    for at in range(0, 3600, 100):
        numbers.append(cutting.ask(event(float(at), kind="line_crossed"))[0])
        cutting.close()
    assert [number for number in numbers if number] == [1, 2, 3]
    assert cutting.refused == 33
    assert cutting.ask(event(3590.0)) == (4, True)
    cutting.close()
    assert cutting.ask(event(3720.0, kind="line_crossed"))[0] == 5


@given(st.lists(st.tuples(st.floats(0.01, 40), st.sampled_from(["line_crossed", "wrong_way", "crowd"])), max_size=300))
def test_a_camera_is_never_filmed_more_than_so_much(steps: list[tuple[float, str]]) -> None:
    """However much happens: at most two clips in any minute, none longer than its limit."""
    cutting, at, begun = Cutting(), 0.0, []
    for step, kind in steps:
        at += step
        if cutting.over(at):
            cutting.close()
        number, begins = cutting.ask(event(at, kind=kind))
        if begins:
            begun.append(at)
        assert (number == 0) == (cutting.open is None)
        if cutting.open is not None:
            assert cutting.open.until <= cutting.open.limit <= begun[-1] + MANNER.longest_s
    for one in begun:
        assert sum(one <= other < one + 60.0 for other in begun) <= MANNER.a_minute
