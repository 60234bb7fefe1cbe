"""Facts about restarts."""

from hypothesis import given
from hypothesis import strategies as st

from cameras.budget import LONG_WINDOW_S, PATIENT, PROMPT, PROMPT_S, SLOW_S, SOON_S, WINDOW_S, Budget


def test_a_single_crash_is_mended_at_once() -> None:
    """Half a second, then the worker is started again."""
    assert Budget().delay(0.0) == PROMPT_S


def test_the_sixth_restart_in_a_minute_waits_and_a_quiet_minute_forgives() -> None:
    """Five prompt ones, then slower ones, so that all are back within ten seconds."""
    budget = Budget()
    assert [budget.delay(float(n)) for n in range(7)] == [PROMPT_S] * PROMPT + [SOON_S] * 2
    assert budget.delay(6.0 + WINDOW_S) == PROMPT_S


def test_a_worker_that_never_lives_is_hardly_tried() -> None:
    """Once a minute at last, until ten minutes were quiet."""
    budget = Budget()
    assert [budget.delay(float(n)) for n in range(PATIENT + 1)][-1] == SLOW_S
    assert budget.delay(PATIENT + LONG_WINDOW_S) == PROMPT_S


def test_the_second_end_of_a_worker_is_suspicious() -> None:
    """The first may be an accident."""
    budget = Budget()
    found = []
    for at in (0.0, 1.0, 2.0 + LONG_WINDOW_S):
        budget.delay(at)
        found.append(budget.suspicious)
    assert found == [False, True, False]
    heir = Budget(suspected=True)
    heir.delay(0.0)
    assert heir.suspicious


@given(crashes=st.lists(st.floats(0.1, 20), min_size=1, max_size=60))
def test_no_window_holds_more_than_the_budget_of_prompt_restarts(crashes: list[float]) -> None:
    """However often the worker crashes."""
    budget, at, prompt = Budget(), 0.0, []
    for lived in crashes:
        at += lived
        wait = budget.delay(at)
        if wait == PROMPT_S:
            prompt.append(at)
        at += wait
    assert all(sum(begin <= other < begin + WINDOW_S for other in prompt) <= PROMPT for begin in prompt)
