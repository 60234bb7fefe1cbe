"""How far back who may look, and what a change is to whom, tried without a server."""

import datetime as dt

import orjson
import pytest

from ioc.access.policy import PAST
from ioc.access.scope import EVERYTHING, Scope
from ioc.api.past import checked, reach, told, whole, written
from ioc.api.problems import ProblemError
from ioc.store.changes import Change
from ioc.store.past import Told
from tests.fakes.things import NOW

HOUR = dt.timedelta(hours=1)
OLDEST = NOW - 48 * HOUR
DAY, LIVE = Scope(None, past=PAST["day"]), Scope(None, past=PAST["live"])


@pytest.mark.parametrize(
    ("scope", "at", "code"),
    [
        (EVERYTHING, NOW + HOUR, "past-to-come"),
        (EVERYTHING, OLDEST - HOUR, "past-unknown"),
        (DAY, NOW - 25 * HOUR, "past-not-yours"),
        (LIVE, NOW, "past-not-yours"),
        (LIVE, NOW - HOUR, "past-not-yours"),
    ],
)
def test_moments_that_nobody_or_not_this_reader_may_see_are_refused(scope: Scope, at: dt.datetime, code: str) -> None:
    with pytest.raises(ProblemError) as refused:
        checked("at", at, scope, OLDEST, NOW)
    assert refused.value.code == code


def test_a_moment_is_taken_as_it_is_and_never_later_than_now() -> None:
    assert checked("at", OLDEST, EVERYTHING, OLDEST, NOW) == OLDEST
    assert checked("at", NOW - 24 * HOUR, DAY, OLDEST, NOW) == NOW - 24 * HOUR
    assert checked("at", NOW + dt.timedelta(seconds=1), EVERYTHING, OLDEST, NOW) == NOW


def test_nobody_reaches_farther_than_what_is_kept_or_than_he_may() -> None:
    assert reach(EVERYTHING, OLDEST, NOW) == OLDEST
    assert NOW - 24 * HOUR < reach(DAY, OLDEST, NOW) < NOW - 23 * HOUR
    assert reach(DAY, NOW - HOUR, NOW) == NOW - HOUR


def test_the_oldest_moment_can_be_asked_for_though_a_page_knows_no_microseconds() -> None:
    first = NOW.replace(microsecond=375_278)
    assert whole(first) == NOW.replace(microsecond=376_000)
    assert whole(whole(first)) == whole(first)


def test_features_are_written_as_they_are() -> None:
    groups = {"incidents": ['{"id":"a"}', '{"id":"b"}'], "alarms": []}
    assert orjson.loads(written({"cursor": 7}, groups)) == {
        "cursor": 7, "incidents": [{"id": "a"}, {"id": "b"}], "alarms": [],
    }  # fmt: skip


def moved() -> Told:
    value = {"type": "Feature", "id": "d", "geometry": None, "properties": {}}
    change = Change(
        subject="device", subject_id="d", op="put", centre="hoi-an", area="x", at=NOW, value=value, version=3,
        centre_before="quang-nam",
    )  # fmt: skip
    return Told(change, NOW)


@pytest.mark.parametrize(("centre", "op"), [("hoi-an", "put"), ("quang-nam", "removed"), ("dai-loc", None)])
def test_what_moved_is_there_for_one_gone_for_another_and_nothing_to_a_third(centre: str, op: str | None) -> None:
    found = told(moved(), Scope(frozenset({centre})), NOW)
    assert (found and found.op) == op
    assert found is None or (found.feature is None) == (op == "removed")
