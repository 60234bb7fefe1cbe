"""Facts about who may try a password, and how often."""

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from cameras.camera import Address
from cameras.door import HOUR_S, PER_HOUR, REFUSED_S, TRIAL_S, Door, account_of, as_times, seconds_of

GATE = Address("rtsp://viewer:wrong@10.0.0.9/1")
YARD = Address("rtsp://viewer:wrong@10.0.0.9:8554/2")
MENDED = Address("rtsp://viewer:right@10.0.0.9/1")
OTHER = Address("rtsp://viewer:wrong@10.0.0.8/1")


def door() -> Door:
    """A door without chance."""
    return Door(lambda: 0.0)


def test_the_account_is_host_and_user_and_tells_neither() -> None:
    """Another channel or password is the same account."""
    assert account_of(GATE) == account_of(YARD) == account_of(MENDED) != account_of(OTHER)
    assert "viewer" not in account_of(GATE)


def test_one_camera_of_an_account_tries_and_the_others_follow_when_it_is_in() -> None:
    """Sixteen channels of a recorder never try a wrong password sixteen times."""
    asked = door()
    for code in "abc":
        asked.ask(code, GATE, 0.0)
    asked.ask("z", OTHER, 0.0)
    assert asked.due(0.0) == ["a", "z"]
    assert asked.due(1.0) == []
    asked.entered("a", GATE)
    assert asked.due(1.0) == ["b", "c"]
    for code in "abc":
        asked.left(code, GATE)
    for code in "abc":
        asked.ask(code, GATE, 0.0)
    assert asked.due(2.0) == ["a"]


def test_a_refused_password_waits_and_a_new_one_does_not() -> None:
    """Those who wait with the same one are named; whoever mended it is let in at once."""
    asked = door()
    asked.ask("a", GATE, 0.0)
    asked.ask("b", YARD, 0.0)
    assert asked.due(0.0) == ["a"]
    assert asked.turned_away("a", GATE, 1.0) == ["b"]
    assert asked.ask("a", GATE, 2.0)
    assert asked.due(REFUSED_S) == []
    assert not asked.ask("c", MENDED, 2.0)
    assert asked.due(REFUSED_S) == ["c"]
    asked.left("c", MENDED)
    assert asked.due(REFUSED_S + 1.0) == ["b"]
    assert asked.refused == {"a": 1}


def test_a_try_that_fails_otherwise_or_says_nothing_makes_room() -> None:
    """A channel that is off does not keep the others out."""
    asked = door()
    for code in "abc":
        asked.ask(code, GATE, 0.0)
    assert asked.due(0.0) == ["a"]
    asked.left("a", GATE)
    assert asked.due(1.0) == ["b"]
    assert asked.due(1.0 + TRIAL_S) == ["c"]


def test_what_was_refused_before_a_restart_counts() -> None:
    """Neither the pause nor the hour begins anew."""
    before, after = door(), door()
    before.ask("a", GATE, 0.0)
    before.due(0.0)
    before.turned_away("a", GATE, 0.0)
    after.remember(before.past(5.0))
    assert after.ask("a", MENDED, 10.0)
    assert after.due(10.0) == []
    assert after.due(REFUSED_S) == ["a"]
    assert after.past(HOUR_S) == {}


def test_who_has_no_password_waits_for_nobody_until_he_is_refused() -> None:
    """A recorder that asks for none; then one that does."""
    asked, open_one = door(), Address("rtsp://10.0.0.9/1")
    for code in "abc":
        assert not asked.ask(code, open_one, 0.0)
    assert asked.due(0.0) == ["a", "b", "c"]
    asked.turned_away("a", open_one, 0.0)
    assert asked.ask("a", open_one, 1.0)
    assert asked.due(1.0) == []
    assert asked.due(REFUSED_S) == ["a"]


def test_times_survive_another_monotonic_clock() -> None:
    """What the next process reads is as old as it was; a time of the future is now."""
    now = dt.datetime(2026, 11, 25, 12, tzinfo=dt.UTC)
    kept = as_times({"a": [90.0, 95.0]}, now, 100.0)
    later = now + dt.timedelta(seconds=30)
    assert seconds_of(kept, later, 7.0) == {"a": [-33.0, -28.0]}
    assert seconds_of({"a": [now + dt.timedelta(days=9)]}, now, 7.0) == {"a": [7.0]}


@given(steps=st.lists(st.tuples(st.floats(0, 400), st.booleans(), st.integers(0, 3)), min_size=20, max_size=200))
def test_no_hour_has_more_refusals_than_the_bound(steps: list[tuple[float, bool, int]]) -> None:
    """Whatever passwords are tried by whatever cameras, and however often it is started again."""
    asked, at, refusals, number = door(), 0.0, [], 0
    for pause, restarts, camera in steps:
        at += pause
        if restarts:
            past, asked = asked.past(at), door()
            asked.remember(past)
        address = Address(f"rtsp://viewer:guess-{number}@10.0.0.9/{camera}")
        asked.ask(f"cam-{camera}", address, at)
        for code in asked.due(at):
            asked.turned_away(code, address, at)
            refusals.append(at)
            number += 1
    assert all(sum(begin <= other < begin + HOUR_S for other in refusals) <= PER_HOUR for begin in refusals)
