"""Facts about the names of clips."""

import datetime as dt
import uuid

from cameras.names import MOST, Names

AT = dt.datetime(2026, 11, 25, 10, 0, tzinfo=dt.UTC)


def test_a_clip_keeps_its_name_and_shares_it_with_no_other() -> None:
    names = Names()
    first = names.of("cam-a", "r1", 1, AT)
    assert names.of("cam-a", "r1", 1, AT + dt.timedelta(minutes=1)) == first
    assert (
        len({first, names.of("cam-b", "r1", 1, AT), names.of("cam-a", "r2", 1, AT), names.of("cam-a", "r1", 2, AT)})
        == 4
    )
    assert uuid.UUID(first).version == 7


def test_only_so_many_are_kept() -> None:
    names = Names()
    first = names.of("cam-a", "r1", 0, AT)
    for number in range(1, MOST + 1):
        names.of("cam-a", "r1", number, AT)
    assert names.of("cam-a", "r1", 0, AT) != first
