"""I1: repeats three times over, shuffled, up to seven days late: the same rows, and the present never moves back."""

import asyncio
import datetime as dt
import random
from collections.abc import Callable

import pytest

from tests.faults.conftest import Open
from tests.instruments.world import World

pytestmark = pytest.mark.promise("I1", seeds=1)

LATEST = "select stream, at from latest"
PRESENT = """
select count(*) as wrong from latest l
join streams s on s.id = l.stream
join (select device, property, max(at) as at from outside.kept group by 1, 2) k using (device, property)
where l.at <> k.at
"""


async def watch(centre: World, back: list[int]) -> None:
    """Look at the present again and again, and note every stream whose newest moment went back."""
    seen: dict[int, dt.datetime] = {}
    while True:
        for row in await centre.rows(LATEST):
            if row["at"] < seen.get(row["stream"], row["at"]):
                back.append(row["stream"])
            seen[row["stream"]] = row["at"]
        await asyncio.sleep(0.02)


async def test_a_street_that_repeats_itself(
    world: Open, chance: random.Random, long: bool, tell: Callable[..., None]
) -> None:
    """Every message three times, the repeats in random order; half of them with an event time in the last week."""
    messages, back = 100_000 if long else 5000, []  # type: ignore[var-annotated]
    async with world(devices=50) as centre:
        intake = await centre.intake()
        load = centre.load(
            rates=[(3600, 2000.0)],
            most=messages,
            repeats=1.0,
            late_s=20.0 if long else 2.0,
            back_dated=0.5,
            seed=chance.randrange(10**6),
        )
        watching = asyncio.get_running_loop().create_task(watch(centre, back), name="watch")
        try:
            account = await centre.settled(await load.over(), seconds=300)
        finally:
            watching.cancel()
        wrong = (await centre.rows(PRESENT))[0]["wrong"]
        repeated = await centre.rows(
            "select count(*) as n, count(distinct (device, run, seq, property)) as d from outside.kept"
        )
        assert intake.code is None, intake.said()[-2000:]
    tell(
        messages=messages,
        sendings=messages * 3,
        kept=account.kept,
        lost=len(account.lost),
        twice=len(account.twice),
        went_back=len(back),
        present_wrong=wrong,
    )
    assert account.well, account
    assert account.kept == messages
    assert repeated[0]["n"] == repeated[0]["d"] == messages * 2
    assert not back
    assert wrong == 0
