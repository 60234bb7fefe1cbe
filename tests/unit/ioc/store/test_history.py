"""Stored sightings as they are told again; readings are tried in tests/integration/test_rules.py."""

import datetime as dt
import itertools
import uuid
from typing import Any

import pytest

from ioc.store.history import MOST_TOLD, _told
from tests.fakes.things import NOW


def row(phase: str = "end", lasted_s: float = 100.0, **changed: Any) -> dict[str, Any]:
    words = dict.fromkeys(("kind", "subject", "direction", "object_class", "track"), "w")
    nothing = dict.fromkeys(("error_m", "media", "clip", "count", "share", "speed_kmh", "score", "lon", "lat"))
    last = NOW + dt.timedelta(seconds=lasted_s)
    times = {"at": NOW, "since": NOW, "last_at": last, "ended_at": last if phase == "end" else None}
    plain = {
        "id": uuid.UUID(int=7),
        "centre": "quang-nam",
        "camera": "cam-a",
        "run": "r",
        "seq": 1,
        "box": [0, 0, 1, 1],
    }
    return {**plain, **words, **nothing, **times, "phase": phase, **changed}


def test_a_moment_is_told_once() -> None:
    [seen] = _told(row("moment", lon=108.0, lat=15.0), 30.0)  # type: ignore[arg-type]
    assert (seen.phase, seen.stamp.at, seen.picture) == ("moment", NOW, None)
    assert seen.stamp.position is not None


@pytest.mark.parametrize(("phase", "last"), [("end", "end"), ("update", "update"), ("start", "update")])
def test_what_went_on_is_told_often_enough_to_go_on(phase: str, last: str) -> None:
    told = list(_told(row(phase), 30.0))  # type: ignore[arg-type]
    assert [one.phase for one in told] == ["start", "update", "update", "update", last]
    gaps = [(b.stamp.at - a.stamp.at).total_seconds() for a, b in itertools.pairwise(told)]
    assert all(0 < gap <= 30 for gap in gaps)
    assert told[-1].stamp.at == NOW + dt.timedelta(seconds=100)
    assert len({one.id for one in told}) == 1


def test_what_went_on_for_very_long_is_told_a_bounded_number_of_times() -> None:
    assert len(list(_told(row(lasted_s=10**7), 1.0))) == MOST_TOLD + 2  # type: ignore[arg-type]


def test_a_camera_that_does_not_count_is_known_by_its_digest() -> None:
    [seen] = _told(row("moment", run="#0123", seq=-1), 30.0)  # type: ignore[arg-type]
    assert (seen.stamp.run, seen.stamp.sequence, seen.stamp.digest) == ("", None, "0123")
