"""What is done of the register at the broker's door; with a real broker in tests/integration/test_admission.py."""

import asyncio
import datetime as dt

import asyncpg
import pytest

from ioc.admission import Admission
from ioc.embedded.users import Admitted
from ioc.registration.broker_key import OVERLAP
from ioc.store.database import Database
from tests.fakes.mosquitto import until
from tests.fakes.things import NOW
from tests.unit.ioc.store.test_keys import entered, gauge, issued


class Door:
    """Remembers whom it was told to let in."""

    def __init__(self) -> None:
        self.admitted: list[Admitted] = []
        self.fails = False

    async def admit(self, admitted: Admitted) -> bool:
        if self.fails:
            raise OSError(28, "No space left on device")
        self.admitted.append(admitted)
        return len(self.admitted) < 2 or self.admitted[-2] != admitted

    @property
    def names(self) -> set[str]:
        return set(self.admitted[-1].hashes)


async def test_what_is_over_ends_and_is_noted(database: Database, admin: asyncpg.Connection) -> None:
    await entered(database, gauge("gauge-a"), gauge("gauge-b"), gauge("gauge-c", lifecycle="retired"))
    for code in ("gauge-a", "gauge-b"):
        await issued(database, code)
        await issued(database, code)
    await issued(database, "gauge-c")
    door, clock = Door(), [NOW]
    admission = Admission(database, door, lambda: clock[0])
    assert await admission.settle() == NOW + OVERLAP
    assert door.names == {"gauge-a", "gauge-a~", "gauge-b", "gauge-b~"}
    for stranger in ("gauge-a~", "ioc-intake", "#", "gauge-z"):
        admission.signed_in(stranger)
    await admission.settle()
    assert door.names == {"gauge-a~", "gauge-b", "gauge-b~"}
    clock[0] += OVERLAP
    assert await admission.settle() is None
    assert door.names == {"gauge-a~", "gauge-b~"}
    rows = await admin.fetch("select thing, text from audit where act = 'key.end' order by thing")
    assert [tuple(row) for row in rows] == [
        ("gauge-a", "the new key was used"), ("gauge-b", "its time was over"), ("gauge-c", "it was retired"),
    ]  # fmt: skip


async def test_refusals_are_a_row_a_minute_however_many(database: Database, admin: asyncpg.Connection) -> None:
    admission = Admission(database, Door(), lambda: NOW)
    for number in (3, 2):
        for _ in range(number):
            admission.turned_away()
        await admission.settle()
    assert await admin.fetchval("select count(*) from audit where act = 'broker.refuse'") == 1


async def test_what_cannot_be_written_now_is_tried_again_and_nobody_is_forgotten(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    await entered(database, gauge("gauge-a"))
    await issued(database, "gauge-a")
    await issued(database, "gauge-a", NOW + dt.timedelta(seconds=1))
    door = Door()
    door.fails = True
    admission = Admission(database, door, lambda: NOW)
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(admission.run(), name="admission")
        await until(lambda: "No space left" in caplog.text)
        assert not admission.ready
        door.fails = False
        admission.signed_in("gauge-a~")
        await until(lambda: admission.ready and door.names == {"gauge-a~"})
        running.cancel()
