"""Retention classes as they are shipped, and the partition of a moment."""

import datetime as dt
import itertools

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.stamp import BELIEVED_PAST
from ioc import data, retention
from ioc.catalogue import profiles
from ioc.retention import STANDARD, Step, classes, span_of, spans

MOMENTS = st.datetimes(
    dt.datetime(2020, 1, 1),  # noqa: DTZ001 - hypothesis wants them naive
    dt.datetime(2040, 1, 1),  # noqa: DTZ001
    timezones=st.sampled_from([dt.UTC, dt.timezone(dt.timedelta(hours=7))]),
)
STEPS = st.sampled_from(["day", "month"])


def test_what_is_shipped_has_numbers_of_its_own_and_keeps_rollups_longer_than_readings() -> None:
    shipped = classes()
    assert len({one.number for one in shipped.values()}) == len(shipped)
    assert all(one.rollups_days > one.readings_days for one in shipped.values())
    assert shipped[STANDARD].number == 2, "the default of the column streams.retention"


def test_standard_keeps_whatever_date_is_believed() -> None:
    assert dt.timedelta(days=classes()[STANDARD].readings_days) > BELIEVED_PAST


def test_every_shipped_profile_names_a_class_that_there_is() -> None:
    assert {profile.retention for profile in profiles().values()} <= classes().keys()


def test_a_class_that_would_forget_before_repeats_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    about = {"number": 1, "step": "day", "readings_days": 7, "rollups_days": 400}
    monkeypatch.setattr(data, "retention", lambda: {"brief": about})
    with pytest.raises(msgspec.ValidationError, match="readings_days"):
        retention.classes()


@given(STEPS, MOMENTS)
def test_a_partition_holds_its_moment_and_begins_at_midnight_in_utc(step: Step, at: dt.datetime) -> None:
    span = span_of(step, at)
    assert span.first <= at < span.end
    assert span.first.utcoffset() == dt.timedelta(0)
    assert span.first.time() == span.end.time() == dt.time()
    assert span_of(step, span.end - dt.timedelta(microseconds=1)) == span


@given(STEPS, MOMENTS, st.timedeltas(dt.timedelta(0), dt.timedelta(days=100)))
def test_partitions_of_a_time_follow_each_other_without_a_gap(
    step: Step, since: dt.datetime, lasts: dt.timedelta
) -> None:
    found = spans(step, since, since + lasts)
    assert found[0].first <= since
    assert found[-1].first <= since + lasts < found[-1].end
    assert all(one.end == other.first for one, other in itertools.pairwise(found))
