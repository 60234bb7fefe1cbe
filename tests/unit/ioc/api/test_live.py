"""Where a reader goes on."""

import pytest
from aiohttp.test_utils import make_mocked_request

from ioc.api.live import _last_event
from ioc.api.query import Query


@pytest.mark.parametrize(
    ("header", "query", "last"),
    [
        (None, {}, None),
        ("", {}, None),
        ("7", {}, 7),
        ("7", {"last_event_id": "5"}, 7),
        (None, {"last_event_id": "5"}, 5),
        ("x", {}, 1 << 62),
        ("٣", {}, 1 << 62),
        ("-1", {}, 1 << 62),
        ("9" * 19, {}, 1 << 62),
    ],
)
def test_the_header_wins_and_nonsense_is_beyond_every_log(
    header: str | None, query: dict[str, str], last: int | None
) -> None:
    headers = {} if header is None else {"Last-Event-ID": header}
    request = make_mocked_request("GET", "/api/v1/live", headers=headers)
    assert _last_event(request, Query(query, {"last_event_id"})) == last
