"""The newest word of each process."""

import datetime as dt

from ioc.access.scope import EVERYTHING
from ioc.store import parts
from ioc.store.database import Database
from ioc.store.parts import Part
from tests.fakes.things import NOW


async def test_the_newest_word_of_each_process_replaces_the_one_before(database: Database) -> None:
    words = [
        Part(name="intake", ready=False, state={}, seen_at=NOW),
        Part(name="serve", ready=True, state={"leads": 1}, seen_at=NOW),
        Part(name="intake", ready=True, state={"kept": 5}, seen_at=NOW + dt.timedelta(seconds=1)),
    ]
    async with database.transaction(EVERYTHING) as transaction:
        assert await parts.all_parts(transaction) == {}
        for word in words:
            await parts.enter(transaction, word)
        assert await parts.all_parts(transaction) == {"intake": words[2], "serve": words[1]}
