"""Facts about what begins and ends under one id."""

import datetime as dt
import itertools

from cameras.onvif_lives import Lives
from tests.fakes.things import NOW

KEY = ("cam-1", "RuleEngine/CellMotionDetector/Motion", "rule=1")


def after(seconds: float) -> dt.datetime:
    return NOW + dt.timedelta(seconds=seconds)


def told(lives: Lives, *steps: tuple[float, bool]) -> list[tuple[str, str, float]]:
    found = [life for at, holds in steps for life in lives.tell(KEY, after(at), holds=holds)]
    return [(life.id, life.phase, (life.at - NOW).total_seconds()) for life in found]


def test_start_and_end_share_an_id_and_the_next_one_has_another() -> None:
    lives = Lives()
    first = told(lives, (0, True), (5, False))
    second = told(lives, (9, True), (12, False))
    assert [phase for _, phase, _ in first] == ["start", "end"]
    assert len({name for name, _, _ in first}) == 1
    assert {name for name, _, _ in first}.isdisjoint({name for name, _, _ in second})


def test_a_message_that_comes_again_gives_the_same_answer() -> None:
    lives = Lives()
    assert told(lives, (0, True)) == told(lives, (0, True))
    assert told(lives, (5, False)) == told(lives, (5, False))
    assert told(lives, (0, True)) == told(Lives(), (0, True)), "also in another process"


def test_what_goes_on_is_updated_and_a_second_end_says_nothing() -> None:
    lives = Lives()
    steps = told(lives, (0, True), (3, True), (5, False), (7, False))
    assert [phase for _, phase, _ in steps] == ["start", "update", "end"]
    assert len({name for name, _, _ in steps}) == 1


def test_any_order_closes_every_life() -> None:
    """Whatever arrives first, each id that began here has its end, unless it really goes on."""
    for order in itertools.permutations([(0.0, True), (5.0, False), (9.0, True), (12.0, False)]):
        steps = told(Lives(), *order)
        begun = {name for name, phase, _ in steps if phase == "start"}
        ended = {name for name, phase, _ in steps if phase == "end"}
        assert begun <= ended, order


def test_an_end_of_which_nobody_saw_the_start_is_told_without_one() -> None:
    (life,) = Lives().tell(KEY, NOW, holds=False)
    assert (life.phase, life.since) == ("end", None)


def test_whether_it_goes_on_can_be_asked() -> None:
    lives = Lives()
    assert not lives.goes_on(KEY)
    lives.tell(KEY, NOW, holds=True)
    assert lives.goes_on(KEY)
    lives.tell(KEY, after(1), holds=False)
    assert not lives.goes_on(KEY)


def test_the_memory_is_bounded_and_forgets_what_was_silent_longest() -> None:
    lives = Lives(most=2)
    for name in ("a", "b", "c"):
        lives.tell((name,), NOW, holds=True)
    assert [lives.goes_on((name,)) for name in ("a", "b", "c")] == [False, True, True]
