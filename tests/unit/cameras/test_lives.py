"""One id for each thing that goes on."""

import datetime as dt
import itertools
import uuid
from typing import Any

import msgspec
import pytest

from cameras.lives import Lives
from gis.observation import Phase, Sighting
from gis.stamp import Stamp

NOW = dt.datetime(2026, 11, 22, 1, 0, tzinfo=dt.UTC)


@pytest.fixture
def lives() -> Lives:
    numbers = itertools.count(1)
    return Lives(lambda: str(uuid.UUID(int=next(numbers))))


def report(phase: Phase, seconds: float = 0, *, run: str = "w1", camera: str = "cam-a", **changed: Any) -> Sighting:
    at = NOW + dt.timedelta(seconds=seconds)
    stamp = Stamp(centre="quang-nam", source=camera, at=at, run=run, sequence=int(seconds) + 1)
    plain: dict[str, Any] = {"kind": "loitering", "subject": "gate", "track": "1"}
    return Sighting(id="", stamp=stamp, phase=phase, **plain | changed)


def test_start_update_and_end_have_one_id_and_one_beginning(lives: Lives) -> None:
    began = NOW - dt.timedelta(seconds=9)
    jitter = dt.timedelta(milliseconds=30)
    told = [
        lives.told(report("start", since=began), 4),
        lives.told(report("update", 5, since=began + jitter), 4),
        lives.told(report("end", 8, since=began - jitter), 4),
    ]
    assert {one.id for one in told} == {told[0].id}
    assert {one.since for one in told} == {began}
    assert len(lives) == 0


def test_moments_and_other_things_have_ids_of_their_own(lives: Lives) -> None:
    told = [
        lives.told(report("start"), 4),
        lives.told(report("start"), 5),
        lives.told(report("start", camera="cam-b"), 4),
        lives.told(report("start", run="w2"), 4),
        lives.told(report("start", kind="crowd"), 4),
        lives.told(report("moment"), 0),
        lives.told(report("moment"), 0),
    ]
    assert len({one.id for one in told}) == 7
    assert len(lives) == 5


def test_a_camera_that_counts_anew_begins_new_lives(lives: Lives) -> None:
    first, second = lives.told(report("start"), 1), lives.told(report("start", 60), 1)
    assert first.id != second.id
    assert lives.told(report("end", 70), 1).id == second.id


def test_what_was_never_heard_to_start_is_told_all_the_same(lives: Lives) -> None:
    """Its start was dropped because nobody took it."""
    update = lives.told(report("update", 5, since=NOW), 7)
    assert update.id
    assert lives.told(report("end", 6), 7).id == update.id
    assert lives.told(report("end", 6), 8).since == NOW + dt.timedelta(seconds=6)


def test_what_goes_on_when_its_worker_ends_is_ended_once_under_a_key_of_its_own(lives: Lives) -> None:
    mine = lives.told(msgspec.structs.replace(report("start", 3), picture="p", count=4), 1)
    lives.told(report("start", run="w2"), 1)
    over = NOW + dt.timedelta(seconds=20)
    (end,) = lives.ended("w1", over)
    assert (end.id, end.phase, end.stamp.at, end.since, end.picture) == (mine.id, "end", over, mine.since, None)
    assert end.stamp.key != mine.stamp.key
    assert lives.ended("w1", over) == []
    assert len(lives) == 1
