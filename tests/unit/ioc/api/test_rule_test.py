"""The span of a test; whole tests are tried in tests/integration/test_rules.py."""

import datetime as dt

import pytest

from ioc.api.models_rules import HistoryTest
from ioc.api.problems import ProblemError
from ioc.api.rule_test import LONGEST, _span
from tests.fakes.things import NOW

DAY = dt.timedelta(days=1)


def test_by_default_it_is_the_last_month() -> None:
    assert _span(HistoryTest(pack="p", code="r"), NOW) == (NOW - LONGEST, NOW)
    asked = HistoryTest(pack="p", code="r", since=NOW - 3 * DAY, until=NOW - DAY)
    assert _span(asked, NOW) == (NOW - 3 * DAY, NOW - DAY)


@pytest.mark.parametrize(
    ("since", "until"),
    [
        (NOW, NOW),
        (NOW + DAY, NOW),
        (None, NOW + DAY),
        (NOW - LONGEST - DAY, NOW),
        (dt.datetime.min.replace(tzinfo=dt.UTC), None),
        (None, dt.datetime.min.replace(tzinfo=dt.UTC)),
        (dt.datetime.min.replace(tzinfo=dt.UTC), dt.datetime.min.replace(tzinfo=dt.UTC) + DAY),
        (NOW.replace(tzinfo=None) - DAY, NOW),
        (None, NOW.replace(tzinfo=None) - DAY),
    ],
)
def test_what_is_no_span_of_the_past_month_s_length_is_refused(
    since: dt.datetime | None, until: dt.datetime | None
) -> None:
    with pytest.raises(ProblemError, match="bad-value"):
        _span(HistoryTest(pack="p", code="r", since=since, until=until), NOW)
