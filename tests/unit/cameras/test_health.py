"""Facts about a camera's health."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from cameras.health import Health, Patience, State, digest_of
from tests.fakes.video import yard

FAILURES = [State.SILENT, State.REFUSED, State.UNAUTHORISED, State.UNREACHABLE, State.GARBLED, State.ENDED]


def healthy() -> Health:
    """A camera that is watched since second 0."""
    return Health(at=0.0, jitter=lambda: 0.5)


def test_nothing_is_said_before_something_is_known() -> None:
    """A camera is neither live nor silent in its first seconds."""
    health = healthy()
    assert health.tick(5.0) is None
    assert health.state is None
    change = health.tick(10.0)
    assert change is not None
    assert change.state is State.SILENT


def test_silence_is_declared_once_and_ends_with_a_picture() -> None:
    """10 s after the last picture, well within the 20 s that are promised."""
    health = healthy()
    health.frame(1.0, 1)
    assert health.state is State.LIVE
    assert health.tick(10.9) is None
    change = health.tick(11.0)
    assert change is not None
    assert change.state is State.SILENT
    assert health.tick(12.0) is None
    back = health.frame(60.0, 2)
    assert back is not None
    assert back.state is State.LIVE


def test_a_picture_that_never_changes_is_frozen() -> None:
    """Exactly the same bytes for half a minute; the first other picture ends it."""
    health = healthy()
    for step in range(400):
        health.frame(step * 0.2, 77)
    assert health.state is State.FROZEN
    health.frame(80.2, 78)
    assert health.state is State.LIVE


def test_a_stuck_picture_that_is_encoded_again_and_again_is_frozen() -> None:
    """The same few pictures in turn, one for each place in the group of pictures."""
    health = healthy()
    for step in range(200):
        health.frame(step * 0.2, step % 10)
    assert health.state is State.FROZEN


def test_a_recording_that_loops_is_not_frozen() -> None:
    """Many pictures in turn are a scene that moves."""
    health = healthy()
    for step in range(600):
        health.frame(step * 0.2, step % 40)
    assert health.state is State.LIVE


def test_a_still_scene_and_a_dark_one_are_not_accused() -> None:
    """At least each key frame of a still scene is new in its noise; a picture of one tone proves nothing."""
    still, dark = healthy(), healthy()
    for step in range(400):
        still.frame(step * 0.2, step // 50)
        dark.frame(step * 0.2, None)
    assert still.state is State.LIVE
    assert dark.state is State.LIVE


def test_few_equal_pictures_are_not_frozen() -> None:
    """A stream of one picture in ten seconds is slow, not stuck."""
    health = healthy()
    for step in range(8):
        health.frame(step * 8.0, 77)
    assert health.state is State.LIVE


def test_many_damaged_pictures_are_garbled() -> None:
    """More than half of the last twenty; whole ones bring it back."""
    health = healthy()
    for step in range(40):
        health.frame(step * 0.2, step, corrupt=True)
    assert health.state is State.GARBLED
    for step in range(40, 80):
        health.frame(step * 0.2, step)
    assert health.state is State.LIVE


def test_a_refused_password_is_tried_at_most_twelve_times_an_hour() -> None:
    """Whatever the jitter, so that no account is locked."""
    for jitter in (0.0, 1.0):
        health = Health(at=0.0, jitter=lambda jitter=jitter: jitter)
        at, tries = 0.0, 0
        while at < 3600.0:
            tries += 1
            health.failed(at, State.UNAUTHORISED, "refused")
            at = health.retry_at
        assert tries <= 12


def test_failures_back_off_and_a_proven_stream_starts_anew() -> None:
    """The wait doubles up to a bound; ten live seconds make it short again."""
    health = healthy()
    waits = []
    for _ in range(8):
        health.failed(0.0, State.REFUSED, "closed")
        waits.append(health.retry_at)
    assert waits == [1, 2, 4, 5, 5, 5, 5, 5]
    health.frame(100.0, 1)
    health.frame(111.0, 2)
    health.failed(112.0, State.ENDED, "over")
    assert health.retry_at == pytest.approx(113.0)


def test_a_stream_that_breaks_at_once_keeps_backing_off() -> None:
    """One picture proves nothing."""
    health = healthy()
    for step in range(6):
        health.frame(step, step)
        health.failed(step, State.ENDED, "over")
    assert health.retry_at - 5 >= 3.75


def test_the_digest_is_of_exact_rows() -> None:
    """One grey value more in one is another picture; padding behind the rows does not count; one tone has none."""
    luma = yard(64, 40)
    padded = np.zeros((40, 96), np.uint8)
    padded[:, :64] = luma
    other = luma.copy()
    other[16, 4] += 1
    assert digest_of(luma) == digest_of(padded[:, :64])
    assert digest_of(luma) != digest_of(other)
    assert digest_of(np.full((40, 64), 3, np.uint8)) is None


def test_the_least_noise_makes_another_digest() -> None:
    """A sensor's noise of one grey value reaches every row, so a still scene is not taken for a stuck picture."""
    luma, random = yard(640, 360), np.random.default_rng(5)
    noisy = [np.clip(luma + random.normal(0, 0.5, luma.shape).round(), 0, 255).astype(np.uint8) for _ in range(25)]
    assert len({digest_of(picture) for picture in noisy}) == 25


class AnyLife(RuleBasedStateMachine):
    """Whatever happens, what is said stays true."""

    def __init__(self) -> None:
        super().__init__()
        self.at = 0.0
        self.health = Health(at=0.0, jitter=lambda: 0.3)
        self.frame_at = 0.0
        self.ticked = 0.0

    @rule(wait=st.floats(0.01, 40), digest=st.integers(0, 3), corrupt=st.booleans())
    def frame(self, wait: float, digest: int, corrupt: bool) -> None:
        self.at += wait
        self.frame_at = self.ticked = self.at
        self.health.frame(self.at, digest, corrupt=corrupt)
        assert self.health.state in {State.LIVE, State.FROZEN, State.GARBLED}

    @rule(wait=st.floats(0.01, 40), state=st.sampled_from(FAILURES))
    def fail(self, wait: float, state: State) -> None:
        self.at += wait
        self.ticked = self.at
        self.health.failed(self.at, state, "because")
        assert self.health.state is state
        assert self.at < self.health.retry_at <= self.at + 400

    @rule(wait=st.floats(0.01, 40))
    def tick(self, wait: float) -> None:
        self.at += wait
        self.ticked = self.at
        self.health.tick(self.at)

    @invariant()
    def no_live_camera_is_silent(self) -> None:
        if self.health.state is State.LIVE:
            assert self.ticked - self.frame_at < Patience().silent_s


TestAnyLife = AnyLife.TestCase


@given(states=st.lists(st.sampled_from(FAILURES), min_size=1, max_size=20))
def test_a_change_is_told_exactly_when_the_state_changes(states: list[State]) -> None:
    """Repeating a state says nothing."""
    health = healthy()
    told = [change.state for n, state in enumerate(states) if (change := health.failed(float(n), state, ""))]
    assert told == [state for n, state in enumerate(states) if n == 0 or states[n - 1] is not state]
