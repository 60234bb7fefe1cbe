"""What may be said of an address, and what not."""

import datetime as dt

import pytest

from ioc.api.models_register import AddressOf, FieldChange
from ioc.api.register_answers import address_of, history_of
from ioc.registration.record import Change, Entry


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("rtsp://root:hunter2@192.0.2.7:8554/live/1", (8554, "/live/1", "rtsp")),
        ("rtsp://192.0.2.7/live?user=root&password=hunter2", (554, "/live", "rtsp")),
        ("http://192.0.2.7/user=root_password=hunter2", (80, "/…", "http")),
        ("nonsense hunter2", None),
        (None, None),
    ],
)  # fmt: skip
def test_user_password_and_query_are_never_told(url: str | None, told: tuple[int, str, str] | None) -> None:
    found = address_of(url)
    wanted = None if told is None else AddressOf(host="192.0.2.7", port=told[0], path=told[1], kind=told[2])
    assert found == wanted
    assert "hunter2" not in repr(found)


def test_a_line_of_the_history_is_told_as_it_is() -> None:
    at = dt.datetime(2026, 11, 26, tzinfo=dt.UTC)
    entry = Entry(at=at, version=2, by="keeper", act="change", reason="r", changes=(Change("maker", None, "Vega"),))
    told = history_of(entry)
    assert (told.at, told.version, told.by, told.act, told.reason) == (at, 2, "keeper", "change", "r")
    assert told.changes == [FieldChange(field="maker", before=None, after="Vega")]
