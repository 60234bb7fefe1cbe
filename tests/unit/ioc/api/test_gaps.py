"""The shapes of what is missing; asked of a real server in tests/integration/test_api_gaps.py."""

import datetime as dt

import msgspec

from ioc.access.scope import EVERYTHING
from ioc.api import gaps
from ioc.store import registry, sequences
from ioc.store.database import Database
from sensors.sequences import Count
from tests.fakes.things import NOW, device


async def test_answers_have_the_described_shapes(database: Database) -> None:
    count = Count(run="r", ranges=[], arrived_at=NOW)
    for number in (1, 4):
        count.take(number, NOW + dt.timedelta(seconds=number), NOW)
    async with database.transaction(EVERYTHING) as transaction:
        await registry.put_device(transaction, device(), kind="water", approximate=False, note="", now=NOW)
        await sequences.save(transaction, [(device().code, device().centre, count)], [])
        one = await sequences.of_device(transaction, device().code)
        found = await sequences.worst(transaction, NOW, 10)
    shown = msgspec.convert(one, gaps.GapsOfDevice)
    assert [(gap.first, gap.last) for gap in shown.runs[0].gaps] == [(2, 3)]
    assert msgspec.to_builtins(shown.runs[0].gaps[0])["from"] == 2
    assert msgspec.convert(found, gaps.GapsOfAll).items[0].missing == 2
