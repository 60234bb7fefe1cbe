"""Facts about restarts."""

from hypothesis import given
from hypothesis import strategies as st

from cameras.budget import PROMPT, PROMPT_S, SLOW_S, WINDOW_S, Budget


def test_a_single_crash_is_mended_at_once() -> None:
    """Half a second, then the worker is started again."""
    assert Budget().delay(0.0) == PROMPT_S


def test_the_sixth_restart_in_a_minute_waits_and_a_quiet_minute_forgives() -> None:
    """Five prompt ones, then slow ones."""
    budget = Budget()
    assert [budget.delay(float(n)) for n in range(7)] == [PROMPT_S] * PROMPT + [SLOW_S] * 2
    assert budget.delay(6.0 + WINDOW_S) == PROMPT_S


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
