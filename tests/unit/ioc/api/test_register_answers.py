"""What may be said of an address, and what not."""

import datetime as dt

import pytest

from ioc.api.models_register import AddressOf, FieldChange, Measure
from ioc.api.register_answers import address_of, history_of, measures_of
from ioc.registration.record import Change, Entry
from ioc.store.addresses import Place
from sensors.profile import Profile, unlimited


@pytest.mark.parametrize(
    ("path", "told"),
    [("/live/1", "/live/1"), ("/live?user=root&password=hunter2", "/live"), ("/user=root_password=hunter2", "/…")],
)
def test_query_and_words_that_may_be_secrets_are_never_told(path: str, told: str) -> None:
    found = address_of(Place(kind="rtsp", host="192.0.2.7", port=554, path=path))
    assert found == AddressOf(host="192.0.2.7", port=554, path=told, kind="rtsp")
    assert "hunter2" not in repr(found)


def test_without_an_address_or_of_one_that_nobody_can_watch_nothing_is_told() -> None:
    assert address_of(None) is None
    assert address_of(Place(kind="", host="", port=0, path="")) is None


def test_a_line_of_the_history_is_told_as_it_is() -> None:
    at = dt.datetime(2026, 11, 26, tzinfo=dt.UTC)
    entry = Entry(at=at, version=2, by="keeper", act="change", reason="r", changes=(Change("maker", None, "Vega"),))
    told = history_of(entry)
    assert (told.at, told.version, told.by, told.act, told.reason) == (at, 2, "keeper", "change", "r")
    assert told.changes == [FieldChange(field="maker", before=None, after="Vega")]


def test_a_value_without_limits_is_told_without_them() -> None:
    free = unlimited("flow")
    profile = Profile(code="p", kind="p", codec="ioc", interval_s=60, properties={"flow": free})
    assert measures_of(profile) == [
        Measure(name="flow", unit=free.unit, title=free.title, title_en=free.title_en, minimum=None, maximum=None)
    ]
    assert measures_of(None) == []
