"""I2: any bytes on any topic: what is kept and what is refused is together what was sent, and nothing crashes."""

import time
from collections import Counter
from collections.abc import Callable

import asyncpg
import pytest

from tests.faults.conftest import Open
from tests.instruments import street
from tests.instruments.fuzz import Fuzz
from tests.instruments.ledger import digest_of
from tests.instruments.waiting import until
from tests.instruments.world import CENTRE, World

pytestmark = pytest.mark.promise("I2")

LETTERS = (
    "select bytes || ':' || encode(sha256(head), 'hex') as digest, count(*) as n from outside.dead_letters group by 1"
)
GROUPS = "select run from outside.kept where run <> 'the-last' group by device, run, seq, at"
REASONLESS = "select count(*) as n from outside.dead_letters where coalesce(reason, '') = ''"
COUNT = "select (select count(*) from outside.kept) + (select count(*) from outside.dead_letters) as n"


async def test_rows_and_dead_letters_are_what_was_sent(
    world: Open, seed: int, long: bool, tell: Callable[..., None]
) -> None:
    """Each message is found again: by its bytes among the dead letters, or by its run among the rows."""
    number = 1_000_000 if long else 15_000
    sent, runs = Counter[str](), {}
    async with world(devices=20) as centre:
        intake = await centre.intake()
        fuzz = Fuzz(seed, CENTRE, centre.devices, time.time_ns() // 1_000_000)
        async with street.opened(centre.broker, "fuzz") as wire:
            for _ in range(number // 5000):
                messages = [fuzz.message() for _ in range(5000)]
                for one in messages:
                    sent[digest_of(one.payload)] += 1
                    if one.run:
                        runs[one.run] = digest_of(one.payload)
                await wire.send((one.topic, one.payload) for one in messages)
        await _still(centre, 1200 if long else 120)
        assert intake.code is None, f"the intake crashed: {intake.said()[-2000:]}"
        letters = Counter({row["digest"]: row["n"] for row in await centre.rows(LETTERS)})
        groups = [row["run"] for row in await centre.rows(GROUPS)]
        assert (await centre.rows(REASONLESS))[0]["n"] == 0
    refused = letters & sent
    kept = Counter(runs[run] for run in {run for run in groups if run in runs})
    untraced = sent - refused - kept
    strangers = sum(run not in runs for run in groups) + sum((letters - sent).values())
    tell(messages=number, refused=sum(letters.values()), kept=len(groups), untraced=sum(untraced.values()) - strangers)
    assert sum(untraced.values()) == strangers, list(untraced)[:5]
    assert sum(refused.values()) > number / 5
    assert len(groups) > number / 10


async def _still(centre: World, seconds: float) -> None:
    """Wait until a last, good message is kept: what was sent before it was dealt with."""
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    topic = f"ioc/v1/{CENTRE}/{centre.devices[0]}/readings"
    payload = f'{{"at":"{at}","run":"the-last","seq":1,"values":{{"rain_sum":1}}}}'.encode()
    async with street.opened(centre.broker, "last") as wire:
        await wire.send([(topic, payload)])

    async def there() -> bool:
        connection = await asyncpg.connect(centre.url("ioc_outside"))
        try:
            return bool(await connection.fetchval("select count(*) from outside.kept where run = 'the-last'"))
        finally:
            await connection.close()

    await until(there, seconds, "the last message", every_s=0.2)
