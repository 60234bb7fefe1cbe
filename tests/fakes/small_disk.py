"""Run as a program with a folder: fill a spool there whose store is away, let the store come back, and count.

Prints why it stopped acknowledging, how many batches were acknowledged, and how many of them never arrived. With a
number it ends after so many batches, else when the disk has been full.
"""

import asyncio
import os
import sys
from pathlib import Path

from gis.observation import Refusal
from ioc.store.spool import Spool
from tests.fakes.disk import FakeStore
from tests.fakes.store import batch
from tests.fakes.things import NOW


async def fill(folder: Path, most: int) -> tuple[str, int, int]:
    """See above."""
    store = FakeStore()
    store.refusal = "store_away"
    acknowledged: list[str] = []
    stopped = ""
    async with asyncio.timeout(40), Spool.open(folder / "spool", 2**30, store, lambda: NOW) as spool:

        async def keep() -> None:
            while len(acknowledged) < most:
                letter = Refusal(topic=f"t/{len(acknowledged)}", payload=os.urandom(10_000), code="c", reason="r")
                await spool.keep(batch(refusals=(letter,)))
                acknowledged.append(letter.topic)
                await asyncio.sleep(0)

        async with asyncio.TaskGroup() as tasks:
            keeping = tasks.create_task(keep(), name="keep")
            while not stopped and not keeping.done():
                stopped = spool.state().stopped
                await asyncio.sleep(0.001)
            before = len(acknowledged)
            if most == sys.maxsize:
                await asyncio.sleep(1.5)  # nothing may be acknowledged meanwhile
                assert len(acknowledged) == before
                store.refusal = ""
                while len(acknowledged) < before + 20:
                    await asyncio.sleep(0.01)
                keeping.cancel()
            else:
                await asyncio.wait([keeping])
                store.refusal = ""
        while spool.state().batches:
            await asyncio.sleep(0.01)
    arrived = [letter.topic for parcel in store.taken for letter in parcel.batch.refusals]
    assert list(dict.fromkeys(arrived))[: len(acknowledged)] == acknowledged
    return stopped, len(acknowledged), len(set(acknowledged) - set(arrived))


if __name__ == "__main__":
    place, limit = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else sys.maxsize
    place.mkdir(exist_ok=True)
    print(*asyncio.run(fill(place, limit)))  # noqa: T201 - the answer to whoever started us
