"""The figures of the ingest benchmark from its rounds: medians of each turn's ratios, and goals in words."""

import pytest

from bench.ingest import GOALS, rates
from bench.ingest_long import slopes
from bench.ingest_round import Round


def a_round(name: str, per_s: float, client: float = 1.0) -> Round:
    """A round of 1,000 messages."""
    cpu = {"client": client, "desk": 0.5, "broker": 0.25, "postgres": 0.125, "devices": 0.1}
    return Round(run=name, sent=1000, done=1000, per_s=per_s, cpu_s=cpu, payload_bytes=150, lag=7, behind_s=0.25)


def test_each_turn_gives_a_ratio_and_the_median_counts() -> None:
    """A turn on a busy machine slows both of it, so rates are compared within a turn."""
    rounds = {
        "ours": [a_round("ours", 10.0), a_round("ours", 40.0), a_round("ours", 20.0)],
        "bare": [a_round("bare", 100.0), a_round("bare", 100.0), a_round("bare", 40.0)],
        "tutorial": [a_round("tutorial", 1.0), a_round("tutorial", 2.0), a_round("tutorial", 4.0)],
    }
    figures = rates(rounds)
    assert figures["vs_bare_consumer"] == pytest.approx(0.4)
    assert figures["vs_single_insert"] == pytest.approx(10.0)
    assert figures["sustained_per_s"] == 20
    assert figures["bare_per_s"] == 100


def test_what_was_not_measured_is_no_figure() -> None:
    """Without Node-RED there is neither a ratio nor a rate of it."""
    figures = rates({name: [a_round(name, 10.0)] for name in ("ours", "bare", "tutorial")})
    assert not [key for key in figures if "node_red" in key]


def test_cpu_is_told_by_the_million_messages() -> None:
    """A second of a thousand messages is a thousand seconds of a million."""
    figures = rates({name: [a_round(name, 10.0)] for name in ("ours", "bare")})
    assert figures["cpu_s_per_million"] == pytest.approx(1000.0)
    assert figures["desk_cpu_s_per_million"] == pytest.approx(500.0)


def test_the_slope_leaves_out_the_start() -> None:
    """Caches fill at first; from then on 0.01 MB a second are 36 MB an hour."""
    samples = [(at, {"desk": 500.0 if at < 300 else at / 100}) for at in map(float, range(0, 1000, 10))]
    figures = slopes(samples)
    assert figures["desk_mb_per_hour"] == pytest.approx(36.0)
    assert figures["desk_mb_at_first"] == pytest.approx(3.0)


def test_the_goals_are_those_of_the_issue() -> None:
    """Names that others read, and which way each figure is to go."""
    assert GOALS["vs_bare_consumer"] == ("at least", 0.2)
    assert GOALS["publish_to_commit_p99_ms"] == ("at most", 150.0)
