"""The garbage collector passes over what stays, and still frees what is new and in a cycle."""

import gc
import weakref

from ioc.garbage import THRESHOLDS, collected_seldom


class Ring:
    """Something that holds itself."""

    def __init__(self) -> None:
        self.ring = self


def test_what_is_there_is_passed_over_and_all_is_as_before_at_the_end() -> None:
    before, kept = gc.get_threshold(), Ring()
    with collected_seldom():
        assert gc.get_threshold() == THRESHOLDS
        assert gc.get_freeze_count() > 0
        assert not any(one is kept for one in gc.get_objects())
    assert (gc.get_threshold(), gc.get_freeze_count()) == (before, 0)


def test_a_new_cycle_is_freed_when_it_is_looked_for() -> None:
    with collected_seldom():
        there = weakref.ref(Ring())
        assert there() is not None
        gc.collect()
        assert there() is None
