"""Facts about falling behind a camera."""

import itertools

import pytest

from cameras.pace import JUMP_S, Pace, Skip


def run(pace: Pace, media: list[float], arrivals: list[float]) -> list[Skip]:
    """What is left out after each packet."""
    return [pace.skip(one, at) for one, at in zip(media, arrivals, strict=True)]


def test_who_follows_leaves_nothing_out() -> None:
    """Jitter of the network is no lag, and drift of a clock neither, in a day."""
    media = [n * 10.0 for n in range(8640)]
    drifting = [at * 1.0001 + (0.3 if n % 3 else 0.0) for n, at in enumerate(media)]
    assert set(run(Pace(), media, drifting)) == {"nothing"}


def test_who_falls_behind_leaves_out_more_and_more_until_he_has_caught_up() -> None:
    """Work that takes twice the time of the film, then none."""
    pace = Pace()
    slow = run(pace, [n * 0.1 for n in range(20)], [n * 0.2 for n in range(20)])
    assert slow[:5] == ["nothing"] * 5
    assert "nonref" in slow
    assert slow[-1] == "nonkey"
    quick = run(pace, [2.0 + n * 0.1 for n in range(20)], [4.0 + n * 0.01 for n in range(20)])
    assert quick[-1] == "nothing"


def ages(cost_s: float, group: int, seconds: float = 300.0, rate: int = 15) -> list[float]:
    """How old pictures are when one who needs `cost_s` to decode each gets to them; leaving one out costs 1 ms.

    `rate` come a second, one in `group` is a key picture, and each is needed by the next.
    """
    pace, free_at, whole, found = Pace(), 0.0, True, list[float]()
    for number in range(int(seconds * rate)):
        made = number / rate
        at = max(made, free_at)
        skip, key = pace.skip(made, at), number % group == 0
        whole = skip not in ("nonkey", "all") and (whole or key)
        decodes = skip != "all" and (whole or key)
        if decodes:
            found.append(at - made)
        free_at = at + (cost_s if decodes else 0.001)
    return found


@pytest.mark.parametrize("group", [1, 15, 30, 120])
@pytest.mark.parametrize("over", [1.05, 1.3, 2.0, 10.0])
def test_pictures_do_not_age_however_much_too_slow_he_is(over: float, group: int) -> None:
    """A little too slow for ever is the worst: the lag grows by less than it takes to see that nothing helps."""
    found = ages(over / 15, group)
    third = len(found) // 3
    assert max(found) < 5.0
    assert max(found[-third:]) < max(found[:third]) + 0.5
    assert len(found) > 30


def test_who_is_a_little_behind_and_no_further_is_seldom_made_blind() -> None:
    """Looking less may be enough for him; only after half a minute is it tried whose lag it is."""
    pace = Pace()
    run(pace, [0.0, 0.1], [0.0, 0.1])
    media = [0.2 + n * 0.1 for n in range(400)]
    late = run(pace, media, [at + 0.7 + 0.1 * (n % 3) for n, at in enumerate(media)])
    assert [skip for skip, _ in itertools.groupby(late)] == ["nonref", "nonkey", "all", "nothing"]
    assert late.count("nonref") > 290
    assert late.count("nonkey") + late.count("all") < 50


def test_a_network_that_became_late_for_good_is_not_our_lag() -> None:
    """After some seconds in which leaving out did not help, everything is decoded again."""
    pace = Pace()
    run(pace, [0.0, 0.1], [0.0, 0.1])
    late = run(pace, [0.2 + n * 0.1 for n in range(60)], [2.2 + n * 0.1 for n in range(60)])
    assert late[0] == "nonkey"
    assert late[35] == "all"
    assert set(late[41:]) == {"nothing"}


def test_a_leap_of_the_cameras_time_and_a_camera_without_time_mean_nothing() -> None:
    """A clip that begins again, a clock that is set."""
    pace = Pace()
    assert run(pace, [0.0, 1000.0, 0.0, JUMP_S / 2, 1.0], [0.0, 0.1, 0.2, 0.3, 0.4]) == ["nothing"] * 5
    assert pace.skip(None, 99.0) == "nothing"


def test_a_camera_whose_time_stands_still_is_never_ahead_of_us() -> None:
    """Some servers give every packet the same time."""
    assert set(run(Pace(), [0.0] * 400, [n * 0.1 for n in range(400)])) == {"nothing"}


def test_a_camera_whose_time_is_too_slow_is_not_believed_for_long() -> None:
    """Everything is decoded, after some seconds of doubt."""
    judged = run(Pace(), [n * 0.05 for n in range(900)], [n * 0.1 for n in range(900)])
    assert "nonkey" in judged
    assert set(judged[300:]) == {"nothing"}
