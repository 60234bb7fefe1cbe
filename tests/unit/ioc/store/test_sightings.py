"""Sightings and the register of their pictures."""

import datetime as dt
import itertools
import random
import uuid
from typing import Any

import asyncpg
import msgspec

from gis.observation import Phase, Sighting
from gis.position import Position
from gis.stamp import Stamp
from ioc.access.scope import EVERYTHING
from ioc.store.database import Database
from ioc.store.sightings import _row, insert_sightings
from tests.fakes.store import OWNERS, counted
from tests.fakes.things import NOW, sighting


def test_a_sighting_without_a_place_has_no_geometry() -> None:
    assert _row(sighting(position=None), OWNERS["cam-a"], NOW)["geom"] is None
    assert _row(sighting(), OWNERS["cam-a"], NOW)["geom"] == "SRID=4326;POINT(108.118 15.883)"


async def test_only_new_sightings_come_back(database: Database) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        first = await insert_sightings(transaction, [sighting(1)], OWNERS, NOW)
        again = await insert_sightings(transaction, [sighting(1), sighting(2)], OWNERS, NOW)
    assert (first, again) == ([sighting(1)], [sighting(2)])


LIFE = str(uuid.UUID(int=77))
PICTURES = [str(uuid.UUID(int=number)) for number in (1, 2)]
NAMES = (
    *("phase", "since", "last_at", "last_seq", "ended_at", "seq", "at", "count", "share", "speed_kmh", "score"),
    *("media", "box", "object_class", "error_m", "geom"),
)


def report(seq: int, phase: Phase, seconds: float, **changed: Any) -> Sighting:
    """One report of a thing that goes on since NOW."""
    at = NOW + dt.timedelta(seconds=seconds)
    place = Position(lon=108.0 + seq / 1000, lat=15.8)
    stamp = Stamp(centre="quang-nam", source="cam-a", at=at, run="w1", sequence=seq, position=place)
    plain: dict[str, Any] = {"kind": "loitering", "subject": "gate", "track": "4", "error_m": float(seq)}
    return Sighting(id=LIFE, stamp=stamp, phase=phase, since=NOW, **plain | changed)


def box(part: float) -> tuple[float, float, float, float]:
    return part, part, 0.1, 0.1


REPORTS = (
    report(1, "start", 10, picture=PICTURES[0], box=box(0.1), count=2, share=0.2),
    report(2, "update", 15, picture=PICTURES[1], box=box(0.2), count=5, share=0.6, object_class="person", score=0.9),
    report(3, "update", 20, box=box(0.3), count=4, speed_kmh=5.0, object_class="vehicle", score=0.4),
    report(4, "end", 20, box=box(0.4), count=1, share=0.1),
)


async def kept(database: Database, admin: asyncpg.Connection, order: list[Sighting]) -> tuple[object, int]:
    """The one row that comes of reports, one transaction each, and how many were new; then it is forgotten."""
    new = 0
    for seen in order:
        async with database.transaction(EVERYTHING) as transaction:
            new += len(await insert_sightings(transaction, [seen], OWNERS, NOW))
    (row,) = await admin.fetch(f"select {', '.join(NAMES)} from sightings")
    await admin.execute("delete from sightings")
    assert await counted(admin, "sighting_reports") == 0
    return tuple(row), new


async def test_what_goes_on_is_one_row_whatever_the_order_and_the_repetition(
    database: Database, admin: asyncpg.Connection
) -> None:
    """All 24 orders of four reports, with every report once more somewhere behind."""
    shuffle = random.Random(4)
    rows = set()
    for order in itertools.permutations(REPORTS):
        again = list(order)
        for seen in order:
            again.insert(shuffle.randint(again.index(seen) + 1, len(again)), seen)
        row, new = await kept(database, admin, again)
        assert new == len(REPORTS)
        rows.add(repr(row))
    assert len(rows) == 1


async def test_the_row_tells_the_last_the_peaks_and_the_best_picture(
    database: Database, admin: asyncpg.Connection
) -> None:
    row, _ = await kept(database, admin, list(reversed(REPORTS)))
    found = dict(zip(NAMES, row, strict=True))  # type: ignore[call-overload]
    end = NOW + dt.timedelta(seconds=20)
    assert (found["phase"], found["last_at"], found["ended_at"], found["error_m"]) == ("end", end, end, 4.0)
    assert (found["seq"], found["at"], found["since"]) == (1, NOW + dt.timedelta(seconds=10), NOW)
    assert (found["count"], found["share"], found["speed_kmh"], found["score"]) == (5, 0.6, 5.0, 0.9)
    assert (str(found["media"]), found["object_class"]) == (PICTURES[1], "person")
    assert [round(part, 3) for part in found["box"]] == [0.2, 0.2, 0.1, 0.1], "the box is that of the picture"


async def test_a_late_start_overwrites_no_end_and_a_later_update_does(
    database: Database, admin: asyncpg.Connection
) -> None:
    row, _ = await kept(database, admin, [REPORTS[3], REPORTS[0]])
    assert row[:2] == ("end", NOW)  # type: ignore[index]
    row, _ = await kept(database, admin, [REPORTS[3], report(9, "update", 40), REPORTS[0]])
    assert row[0] == "update", "what was seen again after its end goes on"  # type: ignore[index]
    assert row[4] is None  # type: ignore[index]


async def test_nobody_goes_on_with_the_sighting_of_another_camera(
    database: Database, admin: asyncpg.Connection
) -> None:
    stamp = msgspec.structs.replace(REPORTS[1].stamp, source="gauge-b", centre="thang-binh")
    foreign = msgspec.structs.replace(REPORTS[1], stamp=stamp)
    async with database.transaction(EVERYTHING) as transaction:
        assert await insert_sightings(transaction, [REPORTS[0], foreign], OWNERS, NOW) == [REPORTS[0]]
    assert await admin.fetchval("select phase from sightings") == "start"


async def test_one_key_is_one_observation_under_whatever_id(database: Database, admin: asyncpg.Connection) -> None:
    """A report that comes again decoded anew, under another id, is a repetition; so is one of a moment's key."""
    again = msgspec.structs.replace(REPORTS[0], id=str(uuid.UUID(int=78)))
    of_a_moment = msgspec.structs.replace(REPORTS[1], stamp=sighting(9).stamp)
    async with database.transaction(EVERYTHING) as transaction:
        assert await insert_sightings(transaction, [REPORTS[0], again], OWNERS, NOW) == [REPORTS[0]]
        assert await insert_sightings(transaction, [sighting(9), of_a_moment], OWNERS, NOW) == [sighting(9)]
    assert await counted(admin, "sightings") == 2


async def test_two_sightings_of_one_time_without_a_number_are_told_apart_by_their_digest(
    database: Database, admin: asyncpg.Connection
) -> None:
    def uncounted(digest: str) -> Sighting:
        stamp = Stamp(centre="quang-nam", source="cam-a", at=NOW, digest=digest)
        return Sighting(id=str(uuid.uuid4()), stamp=stamp, kind="zone_entered", subject="gate", track="1")

    async with database.transaction(EVERYTHING) as transaction:
        new = await insert_sightings(transaction, [uncounted("a"), uncounted("b"), uncounted("a")], OWNERS, NOW)
    assert len(new) == 2
    assert await counted(admin, "sightings") == 2
