"""Alarms: raised once, seen again, cleared once; what is late or repeated changes nothing."""

import datetime as dt
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from ioc.incidents.alarm import Alarm, quiet, step
from ioc.incidents.rules import Verdict
from ioc.incidents.severity import ORDER
from tests.fakes.things import NOW, alarm, rule, source


def verdict(second: float = 0.0, severity: str | None = "moderate", **evidence: Any) -> Verdict:
    return Verdict(
        key="k",
        rule=rule(),
        source="gauge-ai-nghia",
        source_kind="sensor",
        property="water_level",
        at=NOW + dt.timedelta(seconds=second),
        severity=severity,
        evidence=evidence,
    )


def stepped(held: Alarm | None, *verdicts: Verdict) -> Alarm | None:
    for number, one in enumerate(verdicts):
        held = step(held, one, source(), f"id-{number}") or held
    return held


def test_the_first_verdict_raises_under_the_new_id() -> None:
    raised = step(None, verdict(value=3.0), source(), "id-0")
    assert raised is not None
    assert (raised.id, raised.count, raised.severity, raised.cleared_at) == ("id-0", 1, "moderate", None)
    assert raised.raised_at == raised.seen_at == NOW
    assert raised.evidence["value"] == 3.0
    assert raised.evidence["rule"] == "test/level@1"


def test_nothing_to_clear_is_no_change() -> None:
    assert step(None, verdict(severity=None), source(), "x") is None


def test_a_repeat_counts_on_the_same_alarm_and_keeps_when_it_began() -> None:
    after = stepped(None, verdict(0), verdict(5), verdict(9, "extreme"))
    assert after is not None
    assert (after.id, after.count, after.severity) == ("id-0", 3, "extreme")
    assert after.raised_at == NOW
    assert after.seen_at == NOW + dt.timedelta(seconds=9)


def test_the_same_verdict_again_changes_nothing() -> None:
    held = step(None, verdict(value=3.0), source(), "id-0")
    assert step(held, verdict(value=3.0), source(), "other") is None


def test_another_sighting_of_the_same_moment_counts() -> None:
    held = step(None, verdict(sighting="a"), source(), "id-0")
    after = step(held, verdict(sighting="b"), source(), "other")
    assert after is not None
    assert after.count == 2


def test_a_verdict_older_than_what_was_seen_changes_nothing() -> None:
    held = stepped(None, verdict(10))
    assert step(held, verdict(9.999, "extreme"), source(), "x") is None
    assert step(held, verdict(9.999, None), source(), "x") is None


def test_a_cleared_alarm_keeps_its_severity_and_count() -> None:
    after = stepped(None, verdict(0, "severe"), verdict(1, "severe"), verdict(2, None))
    assert after is not None
    assert (after.severity, after.count) == ("severe", 2)
    assert after.cleared_at == after.seen_at == NOW + dt.timedelta(seconds=2)


@given(st.lists(st.tuples(st.integers(0, 50), st.sampled_from([*ORDER])), min_size=1, max_size=20), st.data())
def test_verdicts_repeated_or_late_give_the_same_alarm(raw: list[tuple[int, str]], data: st.DataObject) -> None:
    plain = [verdict(second, severity) for second, severity in dict(raw).items()]
    plain.sort(key=lambda one: one.at)
    noisy = []
    for number, one in enumerate(plain):
        noisy += [one, one, *(plain[earlier] for earlier in data.draw(st.lists(st.integers(0, number), max_size=3)))]
    assert stepped(None, *noisy) == stepped(None, *plain)


def test_silence_clears_an_alarm_after_its_hold_and_not_before() -> None:
    held = alarm()
    assert quiet(held, 120, NOW + dt.timedelta(seconds=119)) is None
    after = quiet(held, 120, NOW + dt.timedelta(seconds=120))
    assert after == msgspec.structs.replace(held, cleared_at=NOW + dt.timedelta(seconds=120))
