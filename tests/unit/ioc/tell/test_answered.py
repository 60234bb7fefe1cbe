"""What answers over HTTP mean for a message."""

import datetime as dt

import pytest

from ioc.outbound import Answer, OutboundError
from ioc.tell.answered import LONGEST_WAIT, failed, outcome_of, retry_after
from ioc.tell.channel import Again, Refused, Told

NOW = dt.datetime(2026, 11, 26, 1, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (200, Told), (201, Told), (202, Told), (204, Told), (299, Told), (304, Refused), (400, Refused),
        (401, Refused),
        (403, Refused), (404, Refused), (408, Again), (409, Refused), (410, Refused), (413, Refused), (422, Refused),
        (425, Again), (429, Again), (499, Refused), (500, Again), (501, Again), (502, Again), (503, Again),
        (599, Again),
    ],
)  # fmt: skip
def test_each_status_means_one_thing(status: int, kind: type) -> None:
    outcome = outcome_of(Answer(status, {}, b""), NOW)
    assert type(outcome) is kind
    assert kind is Told or str(status) in getattr(outcome, "reason", "")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("120", 120), ("0", 0), (" 7 ", 7), ("Thu, 26 Nov 2026 01:00:30 GMT", 30), ("Thu, 26 Nov 2026 00:00:00 GMT", 0),
        ("999999999999999", LONGEST_WAIT.total_seconds()),
        ("Thu, 26 Nov 2099 00:00:00 GMT", LONGEST_WAIT.total_seconds()),
        ("", None), ("soon", None), ("-1", None), ("1.5", None), ("²", None), ("Thu, 26 Nov 2026 01:00:30 -0000", 30),
    ],
)  # fmt: skip
def test_how_long_a_receiver_wants_to_be_left_alone(text: str, seconds: float | None) -> None:
    wait = retry_after(Answer(429, {"retry-after": text}, b""), NOW)
    assert (None if wait is None else wait.total_seconds()) == seconds
    outcome = outcome_of(Answer(503, {"retry-after": text}, b""), NOW)
    assert isinstance(outcome, Again)
    assert outcome.retry_after == wait


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("not_allowed", Refused), ("address", Refused), ("redirect", Refused), ("unresolved", Again),
        ("timeout", Again), ("unreachable", Again), ("too_big", Again),
    ],
)  # fmt: skip
def test_a_call_that_came_to_nothing_is_tried_again_where_that_may_help(code: str, kind: type) -> None:
    outcome = failed(OutboundError(code, "because"))
    assert type(outcome) is kind
    assert getattr(outcome, "reason", "") == "because"
