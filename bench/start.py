"""Start and first floor: cold and warm start, a device's publish to the event on the live stream, memory.

100 messages a second from 27 devices, each message crossing a limit upwards or downwards, so that each is an
alarm raised or cleared. The clock runs from the publish call to the event's arrival at a reader of the stream.
"""

import asyncio
import datetime as dt
import json
import statistics
import time
from collections import defaultdict, deque
from collections.abc import AsyncIterator

import aiohttp

from bench.centre import Centre, centre, state_dir
from sensors.broker import Login
from sensors.broker_paho import PahoPublisher

RATE = 100.0
SECONDS = 40.0
SETTLE_S = 5.0
OURS = ("serve", "intake", "cameras", "cameras.worker", "mosquitto")
"""Whose memory must not grow: not the stand-in for the street, nor PostgreSQL, whose caches fill."""
HIGH_LOW = {"water_level": (55.0, -1.0), "rain_sum": (900.0, 0.0)}


async def run(*, long: bool) -> dict[str, float]:
    """Figures: seconds, milliseconds, megabytes; `--long` adds memory at minutes 3 and 10 of the demo."""
    async with state_dir() as state:
        async with centre(state) as first:
            cold_s = first.started_s
        async with centre(state, IOC_DEMO_SPEED="0.0001") as quiet:
            warm_s = quiet.started_s
            delays = await _delays(quiet)
        figures = {
            "cold_s": round(cold_s, 2),
            "warm_s": round(warm_s, 2),
            "wall_p50_ms": round(statistics.median(delays), 1),
            "wall_p99_ms": round(statistics.quantiles(delays, n=100)[98], 1),
            "messages": len(delays),
        }
        if long:
            figures |= await _memory()
    return figures


class Clock:
    """When each device's messages were sent and shown.

    The stream tells after-images: one event may tell of several messages of a device, when they came so close
    that the desk took them together. A message counts as shown with the first event of its time or later.
    """

    def __init__(self) -> None:
        self.waiting: defaultdict[str, deque[tuple[str, float]]] = defaultdict(deque)
        self.delays: list[float] = []

    def sent(self, device: str, at: str) -> None:
        """A message goes out now."""
        self.waiting[device].append((at, time.monotonic()))

    def shown(self, device: str, at: str) -> None:
        """An event of the device arrived now."""
        waiting = self.waiting[device]
        while waiting and waiting[0][0] <= at:
            self.delays.append((time.monotonic() - waiting.popleft()[1]) * 1000)


async def _delays(running: Centre) -> list[float]:
    """Milliseconds from each publish to its event."""
    clock = Clock()
    async with asyncio.TaskGroup() as tasks:
        listening = asyncio.Event()
        reader = tasks.create_task(_listen(running, clock, listening), name="stream")
        await listening.wait()
        await asyncio.sleep(SETTLE_S)
        await _publish(running, clock)
        await asyncio.sleep(SETTLE_S)
        reader.cancel()
    lost = sum(map(len, clock.waiting.values()))
    if lost:
        raise RuntimeError(f"{lost} messages were never shown")
    return clock.delays


async def _publish(running: Centre, clock: Clock) -> None:
    mqtt = running.account["mqtt"]
    login = Login(host=mqtt["host"], port=mqtt["port"], user=mqtt["user"], password=mqtt["password"], client_id="bench")
    devices = [
        (device["code"], device["centre"], name)
        for device in running.account["devices"]
        for name in HIGH_LOW
        if name in device["properties"]
    ]
    begun = time.monotonic()
    async with PahoPublisher.open(login) as wire, asyncio.TaskGroup() as tasks:
        for number in range(int(RATE * SECONDS)):
            await asyncio.sleep(max(0.0, begun + number / RATE - time.monotonic()))
            turn, place = divmod(number, len(devices))
            code, owner, name = devices[place]
            at = dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
            values = {name: HIGH_LOW[name][turn % 2]} | ({"rain_hours": 24} if name == "rain_sum" else {})
            payload = json.dumps({"at": at, "run": "bench", "seq": number, "values": values}).encode()
            clock.sent(code, at)
            tasks.create_task(wire.publish(f"ioc/v1/{owner}/{code}/readings", payload), name="publish")


async def _listen(running: Centre, clock: Clock, listening: asyncio.Event) -> None:
    headers = {"Authorization": f"Bearer {running.token}"}
    url = running.account["url"] + "api/v1/live"
    timeout = aiohttp.ClientTimeout(total=None)
    async with aiohttp.ClientSession(headers=headers, timeout=timeout) as session, session.get(url) as stream:
        stream.raise_for_status()
        listening.set()
        async for event, data in _events(stream):
            if event == "alarm":
                _note(json.loads(data)["data"]["properties"], clock)


def _note(alarm: dict[str, object], clock: Clock) -> None:
    clock.shown(str(alarm["source"]), str(alarm["cleared_at"] or alarm["seen_at"]))


async def _events(stream: aiohttp.ClientResponse) -> AsyncIterator[tuple[str, str]]:
    event = ""
    async for raw in stream.content:
        line = raw.decode().rstrip("\n")
        if line.startswith("event: "):
            event = line[7:]
        elif line.startswith("data: "):
            yield event, line[6:]


async def _memory() -> dict[str, float]:
    async with state_dir() as fresh, centre(fresh) as playing:
        await asyncio.sleep(180)
        early = playing.memory_mb()
        await asyncio.sleep(420)
        late = playing.memory_mb()
    figures: dict[str, float] = {}
    for name in sorted(early.keys() & late.keys()):
        figures[f"mb_minute_3_{name}"] = round(early[name], 1)
        figures[f"mb_minute_10_{name}"] = round(late[name], 1)
    ours = [name for name in early.keys() & late.keys() if name.partition(":")[0] in OURS]
    figures["growth"] = round(sum(late[name] for name in ours) / sum(early[name] for name in ours) - 1, 4)
    return figures
