"""What the HTTP room is handed."""

import datetime as dt
from pathlib import Path
from typing import Any

import msgspec

from ioc.api.parts import Parts, Settings
from tests.fakes.things import NOW


def parts(**changed: Any) -> Parts:
    """Parts of which nothing is used but the clock and the settings."""
    settings = Settings(centre="quang-nam", timezone="Asia/Ho_Chi_Minh")
    plain = dict.fromkeys(Parts.__struct_fields__) | {"media": Path(), "now": lambda: NOW, "settings": settings}
    return Parts(**plain | changed)


def test_the_day_is_that_of_the_centre() -> None:
    late = dt.datetime(2025, 6, 30, 17, 0, tzinfo=dt.UTC)
    assert parts(now=lambda: late).here().date() == dt.date(2025, 7, 1)
    assert parts(now=lambda: late - dt.timedelta(seconds=1)).here().date() == dt.date(2025, 6, 30)


def test_without_levels_and_counters_there_are_none() -> None:
    fields = {field.name: field.default for field in msgspec.structs.fields(Parts)}
    assert fields["levels"]("gauge", "water_level") == {}
    assert fields["counters"]() == {}
