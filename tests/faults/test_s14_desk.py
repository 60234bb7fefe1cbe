"""S14: the desk is killed between acknowledgement and rule: every alarm exactly once, and in its incident."""

import asyncio
import datetime as dt
import random
import secrets
from collections import Counter
from collections.abc import Callable

import pytest

from ioc.embedded.postgres import free_port
from sensors.broker import Login
from sensors.broker_paho import PahoPublisher
from tests.fakes import armed
from tests.faults.conftest import Open
from tests.instruments.served import let_in, needs_wall
from tests.instruments.voices import Voices
from tests.instruments.waiting import until
from tests.instruments.world import CENTRE, World

pytestmark = [
    pytest.mark.promise("S14", seeds=1),
    needs_wall,
]

LEVEL = {"rain_sum": 150.0, "rain_hours": 12.0}
CALM = {"rain_sum": 10.0, "rain_hours": 12.0}

ALARMS = "select source, count, cleared_at from alarms where source_kind = 'sensor'"
CHANGES = """
select subject_id, value #>> '{properties,cleared_at}' as cleared, value #>> '{properties,incident}' as incident,
       count(*) as told
from changes where subject = 'alarm' group by 1, 2, 3
"""

ASTRAY = """
select a.key, a.match, i.status from alarms a left join incidents i on i.id = a.incident
where case when a.match in ('waiting', 'silenced', 'history') then a.incident is not null
  else a.match not in ('opened', 'linked', 'number', 'suppressed') or i.id is null or i.duplicate_of is not null end
"""
"""Alarms that are in no incident without a reason, or in one that another stands for."""

MISCOUNTED = """
select i.id from incidents i cross join lateral (
  select count(*) as alarms, coalesce(sum(count), 0) as count, count(*) filter (where cleared_at is null) as holding
  from alarms where incident = i.id) as a
where (i.alarms, i.count, i.cleared) is distinct from (a.alarms, a.count, a.holding = 0)
"""

INCIDENTS = """
select id, version, duplicate_of,
  (select count(*) from incident_log l where l.incident = i.id and l.what = 'opened') as opened,
  (select array_agg((value #>> '{properties,version}')::int order by c.id) from changes c
   where subject = 'incident' and subject_id = i.id::text) as told
from incidents i
"""


class Rain:
    """Rain stations that raise their alarm, each in its turn, `rounds` times over, with calm in between."""

    def __init__(self, centre: World) -> None:
        self._centre = centre
        self._seq = Counter[str]()
        self._at = dt.datetime.now(dt.UTC) - dt.timedelta(hours=5)

    @property
    def at(self) -> dt.datetime:
        """The time of the newest reading."""
        return self._at

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


async def judge(centre: World, voices: Voices, rounds: int) -> int:
    """Each device raised its alarm once a round, and everybody was told once that it began. Returns how many alarms."""
    await caught_up(centre, len(centre.devices) * (2 * rounds - 1))
    alarms = await centre.rows(ALARMS)
    by_source = Counter(row["source"] for row in alarms)
    assert by_source == Counter(dict.fromkeys(centre.devices, rounds))
    assert {row["count"] for row in alarms} == {1}
    told = Counter(row["told"] for row in await centre.rows(CHANGES))
    assert set(told) == {1}, f"a change was told more than once: {told}"
    return len(alarms) + await voices.judge()


async def judge_incidents(centre: World, number: int) -> None:
    """Every alarm is in its incident or has a reason; so many incidents count their alarms, and were told in order."""
    assert await centre.rows("select 1 from alarms")
    assert not await centre.rows(ASTRAY)

    async def counted() -> bool:
        return not await centre.rows(MISCOUNTED)

    await until(counted, 15, "incidents that count their alarms", every_s=0.1)
    rows = await centre.rows(INCIDENTS)
    assert len([row for row in rows if row["duplicate_of"] is None]) == number
    for row in rows:
        assert row["opened"] == 1
        assert row["told"] == list(range(row["told"][0], row["version"] + 1)), f"not once, or not in order: {row}"


async def test_kills_at_random_moments(
    world: Open, chance: random.Random, long: bool, tell: Callable[..., None]
) -> None:
    """kill -9 of `ioc serve` while alarms come and go, and people tell by its API."""
    kills, rounds, killed, token = 30 if long else 2, 30 if long else 3, 0, secrets.token_urlsafe(32)
    port = free_port()
    more, telling = {"IOC_HTTP_PORT": str(port)}, asyncio.Semaphore(0)
    async with world(devices=60) as centre, asyncio.TaskGroup() as tasks:
        await centre.intake()
        await let_in(centre, token)
        street, voices = Rain(centre), Voices(centre)

        async def speak() -> None:
            for _ in range(rounds):
                await telling.acquire()
                await voices.post(f"http://127.0.0.1:{port}", token, street.at)

        speaking = tasks.create_task(speak(), name="speak")
        for number in range(rounds):
            desk = centre.start("serve", more=more)
            if number:
                await street.falls(centre.devices, CALM)
            await street.falls(centre.devices, LEVEL)
            telling.release()
            if killed < kills:
                some = chance.randrange(1, 60)
                await until(lambda some=some, number=number: _raised(centre, number * 60 + some), 60, "some alarms")  # type: ignore[misc]
                killed += 1
            desk.kill()
        centre.start("serve", more=more)
        await asyncio.wait_for(speaking, 60)
        number = await judge(centre, voices, rounds)
        await judge_incidents(centre, 3)
    tell(kills=killed, alarms=number, lost=0, twice=0)


async def _raised(centre: World, number: int) -> bool:
    return len(await centre.rows(ALARMS)) >= number


async def test_kills_at_armed_points(world: Open, chance: random.Random, tell: Callable[..., None]) -> None:
    """The desk ends itself between two given lines, one point after another; every alarm is made exactly once."""
    rounds = len(armed.DESK)
    async with world(devices=40) as centre:
        await centre.intake()
        street, voices = Rain(centre), Voices(centre)
        for number, point in enumerate(chance.sample(armed.DESK, rounds)):
            some = chance.randrange(len(centre.devices))
            if number:
                await street.falls(centre.devices, CALM)
            await street.falls(centre.devices[:some], LEVEL)
            await voices.enter(street.at)
            desk = centre.start("serve", point, "1", module="tests.fakes.armed")
            await street.falls(centre.devices[some:], LEVEL)
            assert await desk.ended(60) == -9, f"{point}: {desk.said()[-2000:]}"
        centre.start("serve")
        number = await judge(centre, voices, rounds)
        await judge_incidents(centre, 3)
    tell(kills=rounds, alarms=number, lost=0, twice=0)
