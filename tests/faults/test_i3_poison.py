"""I3: one poisoned message in a thousand costs no other, is refused for the right reason, and makes no partition."""

import datetime as dt
import random
from collections import Counter
from collections.abc import Callable, Iterator

import asyncpg
import msgspec
import pytest

from gis.stamp import Stamp
from ioc.store.database import Database
from tests.fakes.store import batch, counted, store
from tests.fakes.things import reading
from tests.faults.conftest import Open
from tests.instruments import street
from tests.instruments.ledger import digest_of
from tests.instruments.poisons import KINDS, poison
from tests.instruments.waiting import until
from tests.instruments.world import CENTRE

pytestmark = pytest.mark.promise("I3", seeds=1)

CODES = {
    "nul": "nul",
    "not_finite": "not_finite",
    "date_1970": "date",
    "date_2100": "date",
    "no_zone": "schema",
    "unknown_property": "unknown_property",
    "too_big": "too_big",
    "not_json": "not_json",
    "unknown_device": "unknown_device",
    "wrong_centre": "wrong_centre",
    "unknown_channel": "topic",
}
"""For the kinds whose reason is told in so many words: its code."""

LETTERS = "select bytes || ':' || encode(sha256(head), 'hex') as digest, code, reason from dead_letters"
STRAYS = "select relname from pg_class where relname ~ '^readings.*(1970|2100|9999|0001)'"


class Mixed:
    """Each kind of poison at a random place among good messages. `wanted` are the kinds by their digest."""

    def __init__(self, chance: random.Random, among: int, devices: list[str]) -> None:
        self._chance = chance
        self._devices = devices
        self.among = among
        self.kinds = chance.sample(KINDS, len(KINDS))
        self.wanted: dict[str, str] = {}

    def messages(self) -> Iterator[tuple[str, bytes]]:
        """Topic and payload of all of them, in order."""
        now, seq = dt.datetime.now(dt.UTC), 0
        for number, kind in enumerate(self.kinds, 1000):
            place = self._chance.randrange(self.among + 1)
            for position in range(self.among + 1):
                device = self._devices[position % len(self._devices)]
                if position == place:
                    bad = poison(kind, number, CENTRE, device, now)
                    self.wanted[digest_of(bad.payload)] = kind
                    yield bad.topic, bad.payload
                else:
                    seq += 1
                    yield f"ioc/v1/{CENTRE}/{device}/readings", good(now, seq)


async def test_each_kind_among_good_messages(
    world: Open, chance: random.Random, long: bool, tell: Callable[..., None]
) -> None:
    """Each kind of poison, at a random place of a hundred (with --long a thousand) messages."""
    async with world(devices=20) as centre:
        mixed = Mixed(chance, 999 if long else 99, centre.devices)
        number = mixed.among * len(mixed.kinds)
        intake = await centre.intake()
        async with street.opened(centre.broker, "poison") as wire:
            await wire.send(mixed.messages())

        async def all_there() -> bool:
            rows = await centre.rows("select count(*) as n from outside.kept where run = 'good'")
            return bool(rows and rows[0]["n"] == number)

        await until(all_there, 90, "every good message", every_s=0.2)
        letters = {row["digest"]: row for row in await centre.rows(LETTERS)}
        strays = await centre.rows(STRAYS)
        rows = await centre.rows("select count(*) as n from outside.kept")
        assert intake.code is None, intake.said()[-2000:]
    codes = {kind: letters[digest]["code"] for digest, kind in mixed.wanted.items() if digest in letters}
    tell(kinds=len(mixed.kinds), good_kept=rows[0]["n"], good_sent=number, refused=len(letters))
    assert rows[0]["n"] == number
    assert set(letters) == set(mixed.wanted), f"without a trace: {set(mixed.kinds) - set(codes)}"
    assert all(row["reason"] for row in letters.values())
    assert {kind: codes[kind] for kind in CODES} == CODES
    assert not strays


def good(now: dt.datetime, seq: int) -> bytes:
    """A message that has to be kept."""
    return f'{{"at":"{now.isoformat()}","run":"good","seq":{seq},"values":{{"rain_sum":1.5}}}}'.encode()


@pytest.mark.parametrize("places", [(0,), (1,), (499,), (500,), (998,), (999,), (0, 999), (499, 500), (3, 4, 5, 700)])
async def test_what_only_the_database_refuses_is_found_at_each_place(
    database: Database, admin: asyncpg.Connection, places: tuple[int, ...]
) -> None:
    """A batch of a thousand with U+0000 behind the codecs' back: the others are kept, each bad one is a letter."""
    readings = [reading(seq=number) for number in range(1000)]
    for place in places:
        readings[place] = msgspec.structs.replace(readings[place], stamp=spoiled(readings[place].stamp))
    await store(database).keep(batch(*readings))
    assert await counted(admin, "readings") == 1000 - len(places)
    letters = await admin.fetch("select code, reason from dead_letters")
    assert Counter(row["code"] for row in letters) == {"poison": len(places)}


def spoiled(stamp: Stamp) -> Stamp:
    """The stamp with a run that no text column of PostgreSQL takes."""
    return msgspec.structs.replace(stamp, run="a\0b")
