"""How much of the installation somebody sees."""

import datetime as dt

from ioc.access.rights import KINDS
from ioc.access.scope import EVERYTHING, Scope, Thing

NOW = dt.datetime(2026, 11, 22, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


def thing(**other: object) -> Thing:
    return Thing(**{"kind": "incident", "centre": "a", "area": "1@2025-07-01"} | other)


def test_everything_holds_what_belongs_to_nobody() -> None:
    assert EVERYTHING.holds(Thing("audit", None, None, None, NOW - 9_999 * HOUR), NOW)
    assert EVERYTHING.settings == ("*", ",".join(sorted(KINDS)), ",".join(sorted(KINDS)), "*", "*", "all")


def test_an_empty_set_holds_nothing() -> None:
    for scope in (
        Scope(frozenset()),
        Scope(None, kinds=frozenset()),
        Scope(None, areas=frozenset()),
    ):
        assert not scope.holds(thing(), NOW)
        assert "" in scope.settings


def test_a_group_of_cameras_binds_only_what_came_from_a_camera() -> None:
    scope = Scope(None, cameras=frozenset({"cam-a"}))
    assert scope.holds(thing(), NOW)
    assert scope.holds(thing(camera="cam-a"), NOW)
    assert not scope.holds(thing(camera="cam-b"), NOW)


def test_who_is_bound_does_not_see_what_belongs_to_none() -> None:
    assert not Scope(frozenset({"a"})).holds(thing(centre=None), NOW)
    assert not Scope(None, areas=frozenset({"x"})).holds(thing(area=None), NOW)


def test_what_ended_before_the_span_is_reached_but_not_held() -> None:
    day = Scope(None, past=24 * HOUR)
    live = Scope(None, past=0 * HOUR)
    assert day.holds(thing(at=NOW - 24 * HOUR), NOW)
    assert not day.holds(thing(at=NOW - 25 * HOUR), NOW)
    assert not live.holds(thing(at=NOW - HOUR / 60), NOW)
    assert live.holds(thing(), NOW)
    assert live.reaches(thing(at=NOW - 25 * HOUR))


def test_a_word_that_would_mean_everything_opens_nothing() -> None:
    assert Scope(frozenset({"*"}), areas=frozenset({"*", "a,b"})).settings[0::3] == ("", "")
