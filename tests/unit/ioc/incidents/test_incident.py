"""Incidents: opened by an alarm, changed by their alarms alone, each step with its line in the log."""

import datetime as dt
from collections.abc import Sequence

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ioc.incidents.alarm import Alarm
from ioc.incidents.incident import OPEN, Entry, Incident, Place, Tally, Titles, incident_key, opened, worth_telling
from ioc.incidents.incident import absorb as absorbed
from ioc.incidents.severity import ORDER, rank, worst
from tests.fakes.things import AI_NGHIA, NOW, alarm, source

PLACE = Place(centre="quang-nam", area="20335@2025-07-01", area_code="20335", area_name="Đại Lộc", position=AI_NGHIA)
TITLES = Titles("Mực nước", "Water level")
LATER = NOW + dt.timedelta(minutes=1)

STATUSES = [*OPEN, "resolved", "closed", "false_alarm", "duplicate"]
ALARMS = st.lists(
    st.builds(
        lambda severity, count, cleared, second: {
            "severity": severity,
            "count": count,
            "cleared_at": NOW + dt.timedelta(seconds=second) if cleared else None,
            "seen_at": NOW + dt.timedelta(seconds=second),
        },
        st.sampled_from(ORDER),
        st.integers(1, 9),
        st.booleans(),
        st.integers(0, 90),
    ),
    min_size=1,
    max_size=4,
).map(lambda each: [alarm(number + 1, **one) for number, one in enumerate(each)])


def counted(alarms: Sequence[Alarm]) -> Tally:
    """What PostgreSQL counts, of few alarms and in plain words."""
    holding = [one for one in alarms if one.cleared_at is None]
    return Tally(
        alarms=len(alarms),
        count=sum(one.count for one in alarms),
        sources=tuple(sorted({one.source_kind for one in alarms})),
        first_at=min(one.raised_at for one in alarms),
        last_at=max(one.seen_at for one in alarms),
        holding=len(holding),
        worst=worst([one.severity for one in holding]) if holding else None,
        titles=TITLES if holding else None,
        category=alarms[0].category,
    )


def absorb(
    incident: Incident, alarms: Sequence[Alarm], titles: Titles, now: dt.datetime, *, raised: bool = False
) -> tuple[Incident, list[Entry]]:
    tally = msgspec.structs.replace(counted(alarms), titles=titles)
    return absorbed(incident, tally, now, raised=raised)


def fresh(first: Alarm | None = None) -> Incident:
    return opened(first or alarm(), TITLES, PLACE, "id", NOW)[0]


def test_an_alarm_opens_a_new_incident_with_a_line_in_its_log() -> None:
    incident, entry = opened(alarm(severity="severe", count=2), TITLES, PLACE, "id", NOW)
    assert (incident.version, incident.status, incident.severity, incident.count) == (1, "new", "severe", 2)
    assert incident.sources == ("sensor",)
    assert incident.open
    assert (entry.who, entry.what, entry.text) == ("system", "opened", "Mực nước")


def test_the_same_alarms_leave_the_incident_as_it_is() -> None:
    assert absorb(fresh(), [alarm()], TITLES, LATER) == (fresh(), [])


@given(ALARMS, st.sampled_from(STATUSES))
def test_absorbing_twice_is_absorbing_once(alarms: list[Alarm], status: str) -> None:
    before = msgspec.structs.replace(fresh(), status=status)
    once, _ = absorb(before, alarms, TITLES, LATER)
    again, log = absorb(once, alarms, TITLES, LATER + dt.timedelta(seconds=1))
    assert again == once
    assert log == []


@given(ALARMS, st.sampled_from(STATUSES), st.randoms())
def test_the_order_of_its_alarms_does_not_matter(alarms: list[Alarm], status: str, random: object) -> None:
    before = msgspec.structs.replace(fresh(), status=status)
    shuffled = list(alarms)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert absorb(before, alarms, TITLES, LATER)[0] == absorb(before, shuffled, TITLES, LATER)[0]


@given(ALARMS, st.sampled_from(STATUSES))
def test_no_step_of_status_or_severity_is_without_a_line_in_the_log(alarms: list[Alarm], status: str) -> None:
    before = msgspec.structs.replace(fresh(), status=status)
    after, log = absorb(before, alarms, TITLES, LATER)
    told = {entry.what for entry in log}
    assert (after.status != before.status) is bool(told & {"reopened", "resolved"})
    assert (after.severity != before.severity) is ("severity" in told)
    assert after.version == before.version + (after != before)


@given(ALARMS)
def test_severity_is_the_worst_that_holds_and_stays_when_none_does(alarms: list[Alarm]) -> None:
    after, _ = absorb(fresh(), alarms, TITLES, LATER)
    holding = [one.severity for one in alarms if one.cleared_at is None]
    assert after.severity == (worst(holding) if holding else "moderate")
    assert after.cleared is (not holding)
    assert after.count == sum(one.count for one in alarms)


@pytest.mark.parametrize("status", ["closed", "false_alarm", "duplicate"])
def test_what_people_have_ended_is_not_reopened_by_an_alarm(status: str) -> None:
    before = msgspec.structs.replace(fresh(), status=status)
    assert absorb(before, [alarm(count=2)], TITLES, LATER)[0].status == status


@pytest.mark.parametrize("status", OPEN)
def test_an_open_incident_resolves_when_nothing_holds_any_more(status: str) -> None:
    before = msgspec.structs.replace(fresh(), status=status)
    after, log = absorb(before, [alarm(cleared_at=LATER)], TITLES, LATER)
    assert (after.status, after.cleared, after.open) == ("resolved", True, False)
    assert [entry.what for entry in log] == ["resolved"]


def test_a_resolved_incident_reopens_when_its_condition_comes_back() -> None:
    before = msgspec.structs.replace(fresh(), status="resolved", cleared=True)
    after, log = absorb(before, [alarm(1, cleared_at=NOW), alarm(2)], TITLES, LATER)
    assert (after.status, after.alarms) == ("reopened", 2)
    assert [entry.what for entry in log] == ["reopened"]


def test_mere_repeats_are_told_at_most_every_five_seconds() -> None:
    before = fresh()
    soon, _ = absorb(before, [alarm(count=2)], TITLES, NOW + dt.timedelta(seconds=1))
    later, _ = absorb(before, [alarm(count=2)], TITLES, NOW + dt.timedelta(seconds=5))
    assert not worth_telling(before, soon, NOW + dt.timedelta(seconds=1))
    assert worth_telling(before, later, NOW + dt.timedelta(seconds=5))
    assert not worth_telling(before, before, LATER)


@pytest.mark.parametrize("changed", [{"severity": "severe"}, {"cleared_at": NOW}])
def test_anything_but_a_repeat_is_told_at_once(changed: dict[str, object]) -> None:
    before = fresh()
    after, _ = absorb(before, [alarm(**changed)], TITLES, NOW)
    assert worth_telling(before, after, NOW)


def test_two_rules_of_one_category_at_one_source_have_one_label() -> None:
    assert incident_key(alarm(1, key="a")) == incident_key(alarm(2, key="b", property="rate"))
    assert (
        len({incident_key(alarm()), incident_key(alarm(category="rain")), incident_key(alarm(source=source("g")))}) == 3
    )


def of_lan(**changed: object) -> Incident:
    """An incident that a person resolved while its condition holds."""
    return msgspec.structs.replace(fresh(), status="resolved", resolved_by="lan", touched=True, **changed)


def test_repeats_do_not_reopen_what_a_person_resolved() -> None:
    after, log = absorb(of_lan(), [alarm(count=7)], TITLES, LATER)
    assert (after.status, after.resolved_by, after.count, log) == ("resolved", "lan", 7, [])


def test_a_severity_that_rises_reopens_what_a_person_resolved() -> None:
    after, log = absorb(of_lan(), [alarm(severity="severe")], TITLES, LATER)
    assert (after.status, after.resolved_by) == ("reopened", "")
    assert [entry.what for entry in log] == ["reopened", "severity"]


def test_a_new_alarm_reopens_what_a_person_resolved() -> None:
    assert absorb(of_lan(), [alarm(1), alarm(2)], TITLES, LATER)[0].status == "resolved"
    assert absorb(of_lan(), [alarm(1), alarm(2)], TITLES, LATER, raised=True)[0].status == "reopened"


@given(ALARMS, st.sampled_from(STATUSES), st.booleans())
def test_nothing_but_a_condition_that_holds_reopens_and_nothing_at_all_what_was_closed(
    alarms: list[Alarm], status: str, raised: bool
) -> None:
    before = msgspec.structs.replace(fresh(), status=status)
    after, _ = absorb(before, alarms, TITLES, LATER, raised=raised)
    if after.status == "reopened" != before.status:
        rises = rank(after.severity) > rank(before.severity)
        assert before.status == "resolved" or (before.status == "false_alarm" and rises)
        assert not after.cleared
    assert (after.resolved_by == "system") is (after.status == "resolved" != before.status)


def test_an_incident_whose_alarms_all_went_elsewhere_counts_none() -> None:
    after, _ = absorbed(fresh(), Tally(), LATER)
    assert (after.alarms, after.count, after.status, after.first_at) == (0, 0, "resolved", NOW)


def test_what_a_person_called_milder_and_resolved_is_not_reopened_by_the_alarm_that_held_then() -> None:
    before = of_lan(severity="minor", judged="minor", judged_over="severe")
    after, log = absorb(before, [alarm(severity="severe", count=7)], TITLES, LATER)
    assert (after.status, after.severity, log) == ("resolved", "minor", [])
    worse, _ = absorb(before, [alarm(severity="extreme")], TITLES, LATER)
    assert (worse.status, worse.severity) == ("reopened", "extreme")


def test_an_alarm_that_rises_is_not_hidden_by_the_verdict_that_it_was_false() -> None:
    before = msgspec.structs.replace(fresh(), status="false_alarm", resolved_by="lan", touched=True)
    assert absorb(before, [alarm(count=7)], TITLES, LATER)[0].status == "false_alarm"
    after, log = absorb(before, [alarm(severity="extreme")], TITLES, LATER)
    assert (after.status, after.resolved_by) == ("reopened", "")
    assert [entry.what for entry in log] == ["reopened", "severity"]
