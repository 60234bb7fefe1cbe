"""Alarms as the episodes of a rule say they are; the machine as a whole is tried in test_order.py."""

import datetime as dt

from ioc.incidents.images import after_image, first_image, reconcile, withdraw, withdrawn
from ioc.incidents.order import Episode
from ioc.incidents.rules import judge_reading
from tests.fakes.things import NOW, alarm, reading, rule, source

HELD = Episode(raised_at=NOW, seen_at=NOW, severity="moderate", worst="moderate", count=1)


def test_what_is_right_is_left_alone() -> None:
    assert reconcile([alarm(count=1, evidence={"worst": "moderate"})], [HELD], lambda episode: alarm(2)) == []
    assert reconcile([withdraw(alarm())], [], lambda episode: alarm(2)) == []


def test_what_did_not_hold_is_withdrawn_and_what_was_missed_is_told() -> None:
    later = Episode(raised_at=NOW + dt.timedelta(minutes=5), seen_at=NOW, severity="severe", worst="severe", count=2)
    ended = alarm(cleared_at=NOW + dt.timedelta(minutes=1))
    changed = reconcile([ended], [], lambda episode: alarm(2))
    assert [withdrawn(one) for one in changed] == [True]
    told = reconcile([], [later], lambda episode: alarm(2, raised_at=episode.raised_at))
    assert [(one.severity, one.count) for one in told] == [("severe", 2)]


def test_an_alarm_keeps_the_rule_with_its_version_its_title_and_its_proof() -> None:
    it = rule(version=7)
    judged = judge_reading(it, reading(4.5), None)
    assert judged is not None
    episode = Episode(raised_at=NOW, seen_at=NOW, severity="severe", worst="severe", count=1, last=judged[0])
    made = after_image(first_image("key", it, episode, source(), alarm().id), episode)
    assert (made.rule, made.title_en, made.property) == ("test/level@7", "gauge-ai-nghia above II", "water_level")
    assert (made.evidence["value"], made.evidence["limit"], made.evidence["worst"]) == (4.5, 4.0, "severe")
