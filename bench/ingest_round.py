"""One round: a consumer is started, warmed up and loaded; how fast it was and what it took.

All consumers are treated alike: the devices publish for some seconds, never more than BACKLOG ahead of what the
consumer has done, and the clock runs from the first publish to the last message done.
"""

import asyncio
import time

import msgspec

from bench.ingest_consumers import Consumer, Kind
from bench.ingest_devices import Order, Report
from bench.ingest_ours import Ours, Watch
from bench.ingest_site import Side, Site, connected, cpu_of_machine

BACKLOG = 4000
"""Messages between the publish and their being done: two of each device."""
MOST = 10**9
WARM, WARM_S = BACKLOG // 2, 2.0
"""Messages, one of each device, and seconds at the most in which they are sent."""
STILL_S = 10.0
"""Seconds without progress after which what is missing is called lost."""
LISTENS_S = 60.0
SETTLES_S = 120.0


class Round(msgspec.Struct, frozen=True, kw_only=True):
    """What one round came to. `per_s` counts until the last message was done, and for ours judged by the desk.

    `cpu_s` is by process; `lag` the most messages that the desk was behind the commits, `behind_s` how long it
    worked on after the last commit; `others` is how many cores everybody else on this machine used meanwhile.
    """

    run: str
    sent: int
    done: int
    per_s: float
    cpu_s: dict[str, float]
    payload_bytes: int
    lag: int = 0
    behind_s: float = 0.0
    others: float = 0.0

    def __str__(self) -> str:
        cpu = ", ".join(f"{name} {spent / self.sent * 1e6:.1f}" for name, spent in self.cpu_s.items())
        desk = f"; the desk at most {self.lag} messages and at the end {self.behind_s:.2f} s behind" if self.lag else ""
        whole = f"{self.run}: {self.per_s:.0f}/s of {self.sent} (CPU µs a message: {cpu}){desk}"
        return f"{whole}; others used {self.others:.2f} cores"


async def play(site: Site, kind: Kind, order: Order) -> Round:
    """A consumer of a kind, started for this order."""
    side = site.ours if order.run.startswith("ours") else site.beside
    async with kind(site) as consumer:
        await warm(side, order.run)
        await settle(site, consumer)
        return await load(site, side, consumer, order)


async def warm(side: Side, run: str) -> None:
    """Wait until it listens, then let it take the first messages, which nobody counts."""
    done, tries = side.board.get("done"), 0
    async with asyncio.timeout(LISTENS_S):
        while side.board.get("done") == done:
            await side.send(Order(run=f"{run}-try-{tries}", seconds=9, most=1))
            await asyncio.sleep(0.3)
            tries += 1
    done = side.board.get("done")
    report = await side.send(Order(run=f"{run}-warm", seconds=WARM_S, most=WARM, backlog=BACKLOG))
    await until_done(side, done + report.sent)


async def settle(site: Site, consumer: Consumer) -> None:
    """Wait until the start of ours is over: two thousand devices were heard again, and every wall is told of each.

    RuntimeError when they are not all fresh in time.
    """
    if not isinstance(consumer, Ours):
        return
    deadline = time.monotonic() + SETTLES_S
    async with connected(site.stack.database_url("postgres")) as connection:
        while waiting := await connection.fetchval("select count(*) from devices where state <> 'fresh'"):
            if time.monotonic() > deadline:
                raise RuntimeError(f"{waiting} devices that sent are not fresh after {SETTLES_S:.0f} s")
            await asyncio.sleep(0.2)


async def load(site: Site, side: Side, consumer: Consumer, order: Order) -> Round:
    """Send what is ordered to one that listens, and wait until all is done."""
    desk = consumer.watch if isinstance(consumer, Ours) else None
    before = side.board.get("done")
    if desk is not None:
        await until_judged(desk, before)
        desk.worst_lag = 0
    cpu, machine, begun = consumer.cpu_s() | site.cpu_s(side), cpu_of_machine(), time.monotonic()
    report = await side.send(order)
    await until_done(side, before + report.sent)
    if desk is not None:
        await until_judged(desk, side.board.get("done"))
    spent = {name: now - cpu[name] for name, now in (consumer.cpu_s() | site.cpu_s(side)).items()}
    spent["devices"] = report.cpu_s
    others = (cpu_of_machine() - machine - sum(spent.values())) / (time.monotonic() - begun)
    result = _result(side, order, report, before, desk, spent)
    return msgspec.structs.replace(result, others=max(0.0, others))


def _result(
    side: Side, order: Order, report: Report, before: int, desk: Watch | None, cpu_s: dict[str, float]
) -> Round:
    done, done_ns = side.board.get("done") - before, side.board.get("last_done_ns")
    end_ns = max(done_ns, desk.judged_ns) if desk is not None else done_ns
    return Round(
        run=order.run,
        sent=report.sent,
        done=done,
        per_s=min(done, report.sent) / ((end_ns - report.first_ns) / 1e9),
        cpu_s=cpu_s,
        payload_bytes=report.payload_bytes,
        lag=desk.worst_lag if desk is not None else 0,
        behind_s=max(0, end_ns - done_ns) / 1e9,
    )


async def until_done(side: Side, count: int, still_s: float = STILL_S) -> None:
    """Wait until so many messages are done, or none has been for so many seconds."""
    seen, since = side.board.get("done"), time.monotonic()
    while seen < count and time.monotonic() - since < still_s:
        await asyncio.sleep(0.005)
        if side.board.get("done") != seen:
            seen, since = side.board.get("done"), time.monotonic()


async def until_judged(desk: Watch, count: int) -> None:
    """Wait until the desk has passed so many messages. RuntimeError when it stands still before."""
    seen, since = desk.judged, time.monotonic()
    while desk.judged < count:
        if time.monotonic() - since > STILL_S:
            raise RuntimeError(f"the desk stands still {count - desk.judged} messages behind")
        await asyncio.sleep(0.02)
        if desk.judged != seen:
            seen, since = desk.judged, time.monotonic()
