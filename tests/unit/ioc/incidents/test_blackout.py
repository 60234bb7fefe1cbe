"""Facts about which troubles of cameras are told."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from cameras.health import DOWN, State
from ioc import catalogue
from ioc.incidents.blackout import KINDS, LINK, LOST, Blackouts, Watched
from ioc.incidents.outage import Condition

NOW = dt.datetime(2026, 11, 22, 8, 0, tzinfo=dt.UTC)
RULES = {rule.system: rule for rule in catalogue.rules(demo=False) if rule.system}


def ago(seconds: float) -> dt.datetime:
    """A moment before now."""
    return NOW - dt.timedelta(seconds=seconds)


def camera(number: int, state: State, seconds: float, link: str = "fibre-1", **more: Any) -> Watched:
    """A camera that has been in a state for so long."""
    down = ago(seconds) if state in DOWN else None
    return Watched(
        code=f"cam-{number}",
        group=link or "quang-nam",
        linked=bool(link),
        state=state,
        since=ago(seconds),
        down_since=down,
        **more,
    )


def told(
    *cameras: Watched, held: tuple[Condition, ...] = (), back: Mapping[Condition, dt.datetime] | None = None
) -> set[str]:
    """What should hold, as kind and code."""
    found = Blackouts(RULES, back or {}).judge(cameras, held, NOW)
    return {f"{one.kind} {one.code}" for one in found}


def test_every_kind_has_its_rule() -> None:
    assert {*KINDS, "cameras"} - {"camera-garbled"} <= RULES.keys()


def test_a_dead_camera_is_told_after_a_while_and_not_at_once() -> None:
    well = camera(2, State.LIVE, 9999)
    assert told(camera(1, State.UNREACHABLE, 80), well) == set()
    assert told(camera(1, State.UNREACHABLE, 91), well) == {"camera cam-1"}


def test_a_dead_link_is_told_once_and_its_cameras_are_not() -> None:
    """They are noticed within half a minute of each other, by deadlines and by their tries."""
    cameras = [camera(n, State.SILENT if n % 2 else State.UNREACHABLE, 50 - 5 * n) for n in range(6)]
    assert told(*cameras) == {"camera-link fibre-1"}
    later = [camera(n, State.SILENT, 500 - 5 * n) for n in range(6)]
    assert told(*later, held=(Condition(LINK, "fibre-1"),)) == {"camera-link fibre-1"}


def test_one_that_lives_keeps_the_link_from_being_called_dead() -> None:
    assert told(camera(1, State.SILENT, 100), camera(2, State.SILENT, 100), camera(3, State.FROZEN, 5)) == {
        "camera cam-1",
        "camera cam-2",
    }


def test_a_late_joiner_is_covered_and_one_that_died_before_keeps_its_own() -> None:
    cameras = [camera(1, State.SILENT, 5000), camera(2, State.SILENT, 600), camera(3, State.SILENT, 600)]
    before = Condition(LOST, "cam-1")
    assert told(*cameras, held=(before,)) == {"camera-link fibre-1", "camera cam-1"}
    late = [*cameras, camera(4, State.ENDED, 100)]
    assert told(*late, held=(before, Condition(LINK, "fibre-1"))) == {"camera-link fibre-1", "camera cam-1"}


def test_cameras_that_died_hours_apart_are_no_dead_link() -> None:
    held = (Condition(LOST, "cam-1"),)
    assert told(camera(1, State.SILENT, 9000), camera(2, State.SILENT, 100), held=held) == {
        "camera cam-1",
        "camera cam-2",
    }


def test_where_no_link_is_named_the_centre_s_way_is_down_when_most_are_dead_together() -> None:
    dead = [camera(n, State.SILENT, 60, link="") for n in range(4)]
    assert told(*dead, camera(9, State.LIVE, 9999, link="")) == {"camera-link quang-nam"}
    two = [camera(n, State.SILENT, 100, link="") for n in range(2)]
    assert told(*two) == {"camera cam-0", "camera cam-1"}


def test_a_link_is_over_when_one_of_its_cameras_has_been_back_for_a_while() -> None:
    held = (Condition(LINK, "fibre-1"),)
    dead = camera(1, State.SILENT, 900)
    assert told(dead, camera(2, State.LIVE, 10), held=held) == {"camera-link fibre-1"}
    assert told(dead, camera(2, State.LIVE, 31), held=held, back={held[0]: NOW}) == set()


def test_what_stays_dead_when_its_link_is_back_gets_its_time_anew() -> None:
    link = Condition(LINK, "fibre-1")
    cameras = [camera(1, State.SILENT, 900), camera(2, State.LIVE, 100)]
    assert told(*cameras, back={link: ago(60)}) == set()
    assert told(*cameras, back={link: ago(91)}) == {"camera cam-1"}


def test_a_flicker_neither_clears_nor_raises() -> None:
    held = (Condition(LOST, "cam-1"),)
    well = camera(2, State.LIVE, 9999)
    assert told(camera(1, State.LIVE, 5), well, held=held) == {"camera cam-1"}
    assert told(camera(1, State.LIVE, 31), well, held=held) == set()
    assert told(camera(1, State.DEGRADED, 300), well, held=held) == {"camera cam-1"}
    assert told(camera(1, State.DEGRADED, 300), well) == set()


def test_a_bad_picture_is_told_with_its_pictures_and_its_camera_is_not_lost() -> None:
    covered = camera(1, State.COVERED, 20, reason="something covers the lens", before="b", after="a")
    found = Blackouts(RULES, {}).judge([covered], [], NOW)
    assert list(found) == [Condition("camera-covered", "cam-1")]
    assert {"before": "b", "picture": "a", "state": "covered"}.items() <= found[
        Condition("camera-covered", "cam-1")
    ].items()


def test_a_covered_camera_that_falls_silent_stays_told_until_it_is_seen_again() -> None:
    held = (Condition("camera-covered", "cam-1"),)
    well = camera(2, State.LIVE, 9999)
    assert told(camera(1, State.SILENT, 60), well, held=held) == {"camera-covered cam-1"}
    assert told(camera(1, State.LIVE, 20), well, held=held) == {"camera-covered cam-1"}
    assert told(camera(1, State.LIVE, 40), well, held=held) == set()


def test_while_nobody_watches_what_held_goes_on() -> None:
    held = (Condition(LINK, "fibre-1"), Condition(LOST, "cam-9"), Condition("camera-moved", "cam-2"))
    unknown = [camera(n, State.LIVE, 9999, known=False) for n in (1, 2)]
    other = msgspec.structs.replace(camera(9, State.LIVE, 9999, link="fibre-2"), known=False)
    assert told(*unknown, other, held=held) == {"camera-link fibre-1", "camera cam-9", "camera-moved cam-2"}


@given(
    st.lists(
        st.tuples(st.sampled_from(list(State)), st.integers(0, 4000), st.sampled_from(["", "a", "b"])), max_size=12
    ),
    st.booleans(),
)
def test_no_camera_behind_a_link_that_is_told_of_is_told_of_anew(
    rows: list[tuple[State, int, str]], holds: bool
) -> None:
    cameras = [camera(n, state, seconds, link) for n, (state, seconds, link) in enumerate(rows)]
    held = (Condition(LINK, "a"),) if holds else ()
    found = Blackouts(RULES, {}).judge(cameras, held, NOW)
    links = {one.code for one in found if one.kind == LINK}
    assert not [one.code for one in cameras if one.group in links and Condition(LOST, one.code) in found]
