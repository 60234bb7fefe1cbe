"""Rows of an audit trail for tests."""

import datetime as dt
from typing import Any

from hypothesis import strategies as st

from ioc.audit.chain import START, Entry, Sealed, seal

AT = dt.datetime(2026, 11, 22, 3, 4, 5, 678, tzinfo=dt.UTC)

# What PostgreSQL can hold: no U+0000, no half of a surrogate pair.
texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)
values = st.none() | st.dictionaries(
    texts,
    st.none()
    | st.booleans()
    | st.integers(-(1 << 53), 1 << 53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
)
moments = st.datetimes(dt.datetime(2020, 1, 1), dt.datetime(2099, 1, 1), timezones=st.just(dt.UTC))  # noqa: DTZ001
entries = st.builds(
    Entry,
    id=st.integers(1, 1 << 40),
    at=moments,
    who=texts,
    act=texts,
    kind=texts,
    thing=texts,
    centre=st.none() | texts,
    area=st.none() | texts,
    address=texts,
    outcome=st.sampled_from(["done", "refused", "failed"]),
    before=values,
    after=values,
    text=texts,
)


def entry(number: int = 1, **more: Any) -> Entry:
    plain: dict[str, Any] = {
        "id": number,
        "at": AT + dt.timedelta(seconds=number),
        "who": "operator",
        "act": "incident.acknowledge",
        "kind": "incident",
        "thing": f"thing-{number}",
        "centre": "quang-nam",
        "area": "502@2024-09-01",
        "address": "10.0.0.7",
        "outcome": "done",
        "before": {"status": "new"},
        "after": {"status": "acknowledged"},
        "text": "",
    }
    return Entry(**{**plain, **more})


def chain(number: int) -> list[Sealed]:
    return seal([entry(place) for place in range(1, number + 1)], START, AT)
