"""What is kept of tiles, for whom, and until when."""

import asyncio
import datetime as dt
import gzip
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.layer import Layer
from gis.layers import ALARMS, AREAS, CAMERA_FOV, DEVICES, INCIDENTS, OBSERVATIONS_LATEST
from ioc.access.scope import EVERYTHING, Scope
from ioc.store.changes import Change
from ioc.tile_cache import BEHIND_S, MOST_BYTES, OLDEST_S, WORTH_PACKING, Key, Tile, TileCache

NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
HERE, THERE = (108.3, 15.9), (107.7, 15.2)
LOW, AT_HERE, AT_THERE = (0, 0, 0), (13, 6560, 3729), (13, 6546, 3745)
DISTRICT = Scope(frozenset({"hoi-an"}))


def key(place: tuple[int, int, int], scope: Scope = EVERYTHING, layer: Layer = INCIDENTS) -> Key:
    return Key(scope, layer.id, None, *place)


def change(fid: str, at: tuple[float, float] | None, subject: str = "incident", **about: Any) -> Change:
    geometry = None if at is None else {"type": "Point", "coordinates": list(at)}
    value = {"type": "Feature", "id": fid, "geometry": geometry, "properties": {"status": "new"} | about}
    return Change(subject=subject, subject_id=fid, op="put", centre="c", area="a", at=NOW, value=value)


class Bench:
    """A cache, its clock, and how often each tile was made."""

    def __init__(self, things: Iterable[tuple[str, float, float]] = (), most_bytes: int = MOST_BYTES) -> None:
        self.at, self.made = 0.0, 0
        self.things = list(things)
        self.cache = TileCache(self._places, most_bytes=most_bytes, clock=lambda: self.at)

    async def _places(self, layer: Layer) -> Iterable[tuple[str, float, float]]:
        return self.things

    async def ask(self, wanted: Key, behind_s: float = 0.0, size: int = 10) -> Tile:
        async def make() -> Tile:
            self.made += 1
            return Tile(bytes(size), str(self.made))

        return await self.cache.tile(wanted, make, behind_s=behind_s)

    async def anew(self, wanted: Key, **how: Any) -> bool:
        """Whether the tile had to be made."""
        before = self.made
        await self.ask(wanted, **how)
        return self.made > before


async def test_a_tile_is_made_once_and_never_given_to_another_scope() -> None:
    bench = Bench()
    first = await bench.ask(key(AT_HERE))
    assert await bench.ask(key(AT_HERE)) is first
    assert await bench.anew(key(AT_HERE, DISTRICT))
    assert await bench.anew(key(AT_HERE, Scope(frozenset({"hoi-an"}), past=dt.timedelta(days=1))))
    assert not await bench.anew(key(AT_HERE, Scope(frozenset({"hoi-an"}))))
    assert (bench.cache.hits, bench.cache.misses) == (2, 3)


async def test_a_change_drops_the_tiles_in_which_the_thing_was_and_is_and_no_other() -> None:
    bench = Bench([("one", *HERE)])
    wanted = [key(AT_HERE), key(AT_HERE, DISTRICT), key(AT_THERE), key(LOW)]
    others = [key((13, 6500, 3700)), key((13, 6561, 3729)), key(AT_HERE, layer=DEVICES)]
    for one in (*wanted, *others):
        await bench.ask(one)
    bench.cache.hear([change("one", THERE)])
    assert [await bench.anew(one) for one in wanted] == [True] * 4
    assert [await bench.anew(one) for one in others] == [False] * 3
    bench.cache.hear([change("one", THERE, status="closed")])
    assert [await bench.anew(one) for one in wanted] == [False, False, True, True]
    bench.cache.hear([change("two", None), change("camera", None, subject="link")])
    assert not any([await bench.anew(one) for one in (*wanted, *others)])


async def test_what_lies_in_the_margin_of_a_tile_drops_it_too() -> None:
    bench = Bench()
    edge = -180 + 360 * 6561 / 8192
    for one in (AT_HERE, (13, 6561, 3729)):
        await bench.ask(key(one))
    bench.cache.hear([change("one", (edge + 360 / 8192 / 100, 15.9))])
    assert [await bench.anew(key(one)) for one in (AT_HERE, (13, 6561, 3729))] == [True, True]


async def test_a_tile_that_a_change_overtakes_is_given_and_not_kept() -> None:
    bench, going, ready = Bench([("one", *HERE)]), asyncio.Event(), asyncio.Event()
    await bench.ask(key(AT_THERE))

    async def slow() -> Tile:
        going.set()
        await ready.wait()
        return Tile(b"before", "t")

    async with asyncio.TaskGroup() as tasks:
        first = tasks.create_task(bench.cache.tile(key(AT_HERE), slow, behind_s=0), name="first")
        await going.wait()
        same = tasks.create_task(bench.cache.tile(key(AT_HERE), slow, behind_s=0), name="same")
        await asyncio.sleep(0)
        bench.cache.hear([change("one", HERE)])
        later = await bench.ask(key(AT_HERE))
        ready.set()
    assert first.result() is same.result()
    assert first.result().body == b"before"
    assert later.body != b"before"
    assert await bench.ask(key(AT_HERE)) is later


async def test_what_is_heard_while_places_are_learned_counts() -> None:
    going, ready = asyncio.Event(), asyncio.Event()

    async def places(layer: Layer) -> Iterable[tuple[str, float, float]]:
        going.set()
        await ready.wait()
        return [("one", *THERE)]

    async def make() -> Tile:
        return Tile(b"", "")

    cache = TileCache(places)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(cache.tile(key(AT_HERE), make, behind_s=0), name="first")
        await going.wait()
        cache.hear([change("one", HERE)])
        ready.set()
    cache.hear([change("one", THERE)])
    assert len(cache) == 0


async def test_a_log_that_cannot_be_followed_keeps_nothing_and_time_drops_the_rest() -> None:
    bench = Bench()
    await bench.ask(key(AT_HERE))
    assert not await bench.anew(key(AT_HERE), behind_s=BEHIND_S)
    assert await bench.anew(key(AT_HERE), behind_s=BEHIND_S + 0.1)
    assert not await bench.anew(key(AT_HERE))
    bench.at = OLDEST_S
    assert await bench.anew(key(AT_HERE))
    assert not await bench.anew(key(AT_HERE))


async def test_what_every_reading_changes_is_never_kept() -> None:
    bench = Bench()
    wanted = key(AT_HERE, layer=OBSERVATIONS_LATEST)
    assert [await bench.anew(wanted) for _ in range(2)] == [True, True]
    assert [await bench.anew(key(AT_HERE, layer=AREAS)) for _ in range(2)] == [True, False]


async def test_where_an_alarm_is_held_back_no_tile_is_dropped_when_it_goes() -> None:
    bench = Bench()
    await bench.ask(key(AT_HERE, layer=ALARMS))
    bench.cache.hear([change("a", HERE, subject="alarm", cleared_at=None, match="suppressed")])
    assert await bench.anew(key(AT_HERE, layer=ALARMS))
    bench.cache.hear([change("a", THERE, subject="alarm", cleared_at=None, match="opened")])
    assert not await bench.anew(key(AT_HERE, layer=ALARMS))
    bench.cache.hear([change("a", HERE, subject="alarm", cleared_at=None, match="opened")])
    assert await bench.anew(key(AT_HERE, layer=ALARMS))


async def test_a_camera_drops_all_views() -> None:
    bench = Bench()
    await bench.ask(key(AT_THERE, layer=CAMERA_FOV))
    bench.cache.hear([change("cam", HERE, subject="camera", status="")])
    assert await bench.anew(key(AT_THERE, layer=CAMERA_FOV))


async def test_the_longest_unused_leave_when_the_room_is_full() -> None:
    bench = Bench(most_bytes=3 * 2_700)
    for x in range(3):
        await bench.ask(key((5, x, 0)), size=1_000)
    await bench.ask(key((5, 0, 0)))
    await bench.ask(key((5, 3, 0)), size=1_000)
    assert bench.cache.bytes <= 3 * 2_700
    assert [await bench.anew(key((5, x, 0)), size=1_000) for x in (0, 3)] == [False, False]
    assert await bench.anew(key((5, 1, 0)), size=1_000)
    await bench.ask(key((5, 9, 0)), size=10_000)
    assert len(bench.cache) == 0
    assert bench.cache.bytes == 0
    assert not bench.cache._at


def test_what_fits_a_packet_is_not_compressed() -> None:
    assert not Tile(bytes(WORTH_PACKING), "").packs
    large = Tile(bytes(WORTH_PACKING + 1), "")
    packed = large.packed
    assert large.packs
    assert gzip.decompress(packed) == large.body
    assert large.packed is packed


async def test_without_room_every_tile_is_made_anew() -> None:
    bench = Bench(most_bytes=0)
    assert [await bench.anew(key(AT_HERE)) for _ in range(2)] == [True, True]


async def test_what_cannot_be_made_leaves_nothing_behind() -> None:
    bench = Bench()

    async def fails() -> Tile:
        raise ConnectionError

    with pytest.raises(ConnectionError):
        await bench.cache.tile(key(AT_HERE), fails, behind_s=0)
    assert await bench.anew(key(AT_HERE))
    assert len(bench.cache._making) == 0


PLACES = st.sampled_from((HERE, THERE, (108.0, 15.5)))
STEPS = st.lists(st.tuples(st.sampled_from("abc"), PLACES, st.sampled_from(("new", "closed"))), max_size=12)


@given(STEPS)
async def test_a_kept_tile_always_shows_what_was_heard(steps: list[tuple[str, tuple[float, float], str]]) -> None:
    """Whatever changes, in whatever order: each tile is what would be made of the present."""
    bench = Bench([("a", *HERE)])
    now = {"a": HERE}
    wanted = [key(AT_HERE), key(AT_THERE), key(LOW)]

    def shown(one: Key) -> bytes:
        within = {AT_HERE: {HERE}, AT_THERE: {THERE}}.get(one[3:])
        return ",".join(sorted(fid for fid, at in now.items() if within is None or at in within)).encode()

    for fid, at, status in [("z", HERE, "closed"), *steps]:
        now = {name: place for name, place in now.items() if name != fid} | ({fid: at} if status == "new" else {})
        bench.cache.hear([change(fid, at, status=status)])
        for one in wanted:

            async def make(one: Key = one) -> Tile:
                return Tile(shown(one), "")

            assert (await bench.cache.tile(one, make, behind_s=0)).body == shown(one)
