"""The kept readings as the rules judge them: at their effective time, from a moment on, as far as judged."""

import datetime as dt

import msgspec

from gis.observation import Quality, Reading, Value
from ioc.access.scope import EVERYTHING
from ioc.incidents.order import Sample
from ioc.store import judged
from ioc.store.database import Database
from sensors.intake import Batch
from tests.fakes.store import store
from tests.fakes.things import NOW, reading

SOURCE = "gauge-ai-nghia"


def at(second: float) -> dt.datetime:
    return NOW + dt.timedelta(seconds=second)


async def kept(database: Database, arrived: float, *readings: Reading) -> None:
    await store(database).keep(Batch(arrived_at=at(arrived), observations=readings))


async def since(
    database: Database, start: float, *, arrived: float = 99, newest: float = -999, names: tuple[str, ...] = ()
) -> list[Sample]:
    async with database.transaction(EVERYTHING) as transaction:
        wanted = ("water_level", *names)
        return await judged.since(transaction, SOURCE, wanted, at(start), arrived=at(arrived), newest=at(newest))


async def test_a_reading_comes_back_as_it_was_judged(database: Database) -> None:
    more = (Value("rain_hours", 6.0, Quality.FAULT), Value("battery", 3.7))
    counted = reading(3.0, seq=7, at=at(1), more=more)
    digest = reading(4.0, seq=None, at=at(2))
    await kept(database, 5, counted, digest)
    found = await since(database, 0, names=("rain_hours",))
    judged_values = msgspec.structs.replace(counted, values=counted.values[:2])
    assert [sample.at for sample in found] == [at(1), at(2)]
    assert {value.property: value for value in found[0].reading.values} == {
        value.property: value for value in judged_values.values
    }
    assert found[0].order == Sample(at(1), counted).order
    assert found[1].order == Sample(at(2), digest).order


async def test_only_what_counts_from_the_moment_on_is_read(database: Database) -> None:
    await kept(database, 4, reading(1.0, seq=1, at=at(1)), reading(2.0, seq=2, at=at(300)))
    await kept(database, 6, reading(3.0, seq=3, at=at(5)))
    assert [sample.reading.values[0].number for sample in await since(database, 2)] == [3.0, 2.0]
    assert [sample.at for sample in await since(database, 2)] == [at(5), at(4)]


async def test_what_arrived_later_and_was_not_judged_is_left_out(database: Database) -> None:
    for second in (1, 2, 3):
        await kept(database, second, reading(1.0, seq=second, at=at(second)))
    assert len(await since(database, 0, arrived=2)) == 2
    assert len(await since(database, 0, arrived=2, newest=3)) == 3


async def test_the_newest_good_value_that_had_arrived_is_known(database: Database) -> None:
    await kept(database, 1, reading(1.0, seq=1, at=at(1)))
    await kept(database, 2, reading(1.0, seq=2, at=at(2), quality=Quality.FAULT))
    await kept(database, 9, reading(1.0, seq=3, at=at(9)))
    async with database.transaction(EVERYTHING) as transaction:
        assert await judged.newest(transaction, SOURCE, "water_level", at(0), at(5)) == at(1)
        assert await judged.newest(transaction, SOURCE, "water_level", at(3), at(5)) is None
        assert await judged.newest(transaction, SOURCE, "water_level", at(0), at(10)) == at(9)
