"""S14: the desk is killed between acknowledgement and rule: every alarm exactly once."""

import datetime as dt
import random
import secrets
from collections import Counter
from collections.abc import Callable

import pytest

from sensors.broker import Login
from sensors.broker_paho import PahoPublisher
from tests.fakes import armed
from tests.faults.conftest import Open
from tests.instruments.served import needs_wall
from tests.instruments.waiting import until
from tests.instruments.world import CENTRE, World

pytestmark = [
    pytest.mark.promise("S14", seeds=1),
    needs_wall,
]

LEVEL = {"rain_sum": 150.0, "rain_hours": 12.0}
CALM = {"rain_sum": 10.0, "rain_hours": 12.0}

ALARMS = "select source, count, cleared_at from alarms"
CHANGES = """
select subject_id, value #>> '{properties,cleared_at}' as cleared, count(*) as told from changes
where subject = 'alarm' group by 1, 2
"""


class Rain:
    """Rain stations that raise their alarm, each in its turn, `rounds` times over, with calm in between."""

    def __init__(self, centre: World) -> None:
        self._centre = centre
        self._seq = Counter[str]()
        self._at = dt.datetime.now(dt.UTC) - dt.timedelta(hours=5)

    async def falls(self, devices: list[str], values: dict[str, float]) -> None:
        """One reading of each device, a second after the last."""
        broker = self._centre.broker
        login = Login(
            host="127.0.0.1",
            port=broker.port,
            user="ioc-outside",
            password=broker.keys["ioc-outside"],
            client_id=f"rain-{secrets.token_hex(3)}",
        )
        self._at += dt.timedelta(seconds=1)
        async with PahoPublisher.open(login) as wire:
            for device in devices:
                self._seq[device] += 1
                text = ",".join(f'"{name}":{value}' for name, value in values.items())
                payload = f'{{"at":"{self._at.isoformat()}","run":"r","seq":{self._seq[device]},"values":{{{text}}}}}'
                await wire.publish(f"ioc/v1/{CENTRE}/{device}/readings", payload.encode())


async def caught_up(centre: World, sent: int, seconds: float = 60.0) -> None:
    """Wait until everything sent is kept, and until the desk has passed the whole journal."""

    async def kept() -> bool:
        rows = await centre.rows("select count(*) as n from outside.kept")
        return bool(rows and rows[0]["n"] == sent * len(LEVEL))

    async def passed() -> bool:
        rows = await centre.rows(
            "select coalesce((select through from cursors where name = 'desk'), 0) >= max(id) as ok from journal"
        )
        return bool(rows and rows[0]["ok"])

    await until(kept, seconds, "an intake that has kept everything", every_s=0.05)
    await until(passed, seconds, "a desk that has passed the journal", every_s=0.05)


async def judge(centre: World, rounds: int) -> int:
    """Each device raised its alarm once a round, and everybody was told once that it began. Returns their number."""
    await caught_up(centre, len(centre.devices) * (2 * rounds - 1))
    alarms = await centre.rows(ALARMS)
    by_source = Counter(row["source"] for row in alarms)
    assert by_source == Counter(dict.fromkeys(centre.devices, rounds))
    assert {row["count"] for row in alarms} == {1}
    told = Counter(row["told"] for row in await centre.rows(CHANGES))
    assert set(told) == {1}, f"a change was told more than once: {told}"
    return len(alarms)


async def test_kills_at_random_moments(
    world: Open, chance: random.Random, long: bool, tell: Callable[..., None]
) -> None:
    """kill -9 of `ioc serve` while alarms come and go."""
    kills, rounds, killed = 30 if long else 2, 30 if long else 3, 0
    async with world(devices=60) as centre:
        await centre.intake()
        street = Rain(centre)
        for number in range(rounds):
            desk = centre.start("serve")
            if number:
                await street.falls(centre.devices, CALM)
            await street.falls(centre.devices, LEVEL)
            if killed < kills:
                some = chance.randrange(1, 60)
                await until(lambda some=some, number=number: _raised(centre, number * 60 + some), 60, "some alarms")  # type: ignore[misc]
                killed += 1
            desk.kill()
        centre.start("serve")
        number = await judge(centre, rounds)
    tell(kills=killed, alarms=number, lost=0, twice=0)


async def _raised(centre: World, number: int) -> bool:
    return len(await centre.rows(ALARMS)) >= number


async def test_kills_at_armed_points(world: Open, chance: random.Random, tell: Callable[..., None]) -> None:
    """The desk ends itself between two given lines, one point after another; every alarm is made exactly once."""
    rounds = len(armed.DESK)
    async with world(devices=40) as centre:
        await centre.intake()
        street = Rain(centre)
        for number, point in enumerate(chance.sample(armed.DESK, rounds)):
            some = chance.randrange(len(centre.devices))
            if number:
                await street.falls(centre.devices, CALM)
            await street.falls(centre.devices[:some], LEVEL)
            desk = centre.start("serve", point, "1", module="tests.fakes.armed")
            await street.falls(centre.devices[some:], LEVEL)
            assert await desk.ended(60) == -9, f"{point}: {desk.said()[-2000:]}"
        centre.start("serve")
        number = await judge(centre, rounds)
    tell(kills=rounds, alarms=number, lost=0, twice=0)
