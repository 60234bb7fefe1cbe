"""S4: the broker is killed: what it acknowledged in its last second may be gone, nothing older, and all is named."""

import random
import time
from collections.abc import Callable

import msgspec
import pytest

from tests.faults.conftest import Open
from tests.instruments.checker import Account
from tests.instruments.ledger import Sent
from tests.instruments.served import Served, needs_wall, served
from tests.instruments.waiting import until
from tests.instruments.world import Load, World

pytestmark = pytest.mark.promise("S4", seeds=1)

RATE = 1500.0

LAST_S = 2.5
"""autosave_interval 1 in whole seconds of Mosquitto's clock is up to two seconds, and the writing takes its time."""


class Outage(msgspec.Struct, frozen=True):
    """From the kill of a broker until it answered again, in seconds since 1970."""

    killed: float
    back: float

    def excuses(self, one: Sent) -> bool:
        """Whether the message was acknowledged in the broker's last second."""
        return self.killed - LAST_S <= (one.acknowledged or 0) / 1000 <= self.back


async def saved(centre: World) -> None:
    """Wait until the broker has saved its state after now: until then a new session would not survive it."""
    began = time.time()
    state = centre.folder / "broker/mosquitto.db"
    await until(lambda: state.exists() and state.stat().st_mtime > began, 30, "the saved state of the broker")


async def outage(centre: World) -> Outage:
    """Kill the broker, and start it again at the same place."""
    killed = time.time()
    centre.broker.kill()
    await centre.broker.start()
    return Outage(killed, time.time())


async def judged(centre: World, load: Load) -> Account:
    """The account once the gap report names all that is gone, or once it names no more."""
    await load.acknowledged(5 * len(centre.devices))  # a gap shows when the same device is heard again
    account = await centre.settled(await load.finished())
    assert not account.twice, account
    assert not account.foreign, account
    assert not account.lost, f"gone and not named by the gap report: {account}"
    safe = await centre.deletable()
    claimed = [one for one in account.named if one.key in safe]
    assert not claimed, f"{len(claimed)} are gone, and receipts say that they are safe"
    return account


@needs_wall
@pytest.mark.parametrize("intake_away", [False, True])
async def test_kills_at_random_moments(
    world: Open, chance: random.Random, long: bool, tell: Callable[..., None], intake_away: bool
) -> None:
    """Devices keep what was not acknowledged and send it again; with the intake gone too the broker holds the rest."""
    kills, outages, back = (30 if intake_away else 100) if long else 2, [], []
    async with world() as centre:
        intake = await centre.intake()
        server = await served(centre)
        load = centre.load(rates=[(3600, RATE)], seed=chance.randrange(10**6))
        for _ in range(kills):
            await saved(centre)
            await load.acknowledged(chance.randrange(100, 2000))
            if intake_away:
                intake.kill()
                await load.acknowledged(chance.randrange(500, 3000))
            before = await centre.position()
            outages.append(await outage(centre))
            intake = centre.start("intake") if intake_away else intake
            back.append(await centre.moved(before))
        account = await judged(centre, load)
        assert intake.code is None, intake.said()[-2000:]
        await until(lambda: _names(server, account.missing), 30, f"{account.missing} in the gap report", every_s=0.5)
    tell(
        intake="away" if intake_away else "there",
        kills=kills,
        kept=account.kept,
        gone_of_the_last_second=account.missing,
        named_by_the_gap_report=account.missing,
        twice=len(account.twice),
        longest_resume_s=max(back),
    )
    older = [one for one in account.named if not any(found.excuses(one) for found in outages)]
    assert not older, f"{len(older)} are gone that the broker had for longer, {account}"
    assert account.missing > 0 or not intake_away, "nothing went missing, so nothing was tried"


async def _names(server: Served, number: int) -> bool:
    """Whether the API names so many, not one too many: what came late is taken out of the report."""
    status, gaps = await server.get("/api/v1/gaps")
    return (status, gaps["missing"], await server.figure("ioc_missing_messages")) == (200, number, number)


async def test_what_was_gone_before_anybody_listened(world: Open, tell: Callable[..., None]) -> None:
    """Two losses that no setting of Mosquitto 2.0 mends, both named afterwards.

    Before the very first intake has connected, the broker acknowledges and drops what comes. Killed before it saved
    that first session, it forgets who listens, until the intake has dialled again.
    """
    async with world() as centre:
        load = centre.load(rates=[(3600, 300.0)])
        await load.acknowledged(2 * len(centre.devices))
        centre.start("intake")
        await centre.moved(0)
        down = await outage(centre)
        await centre.moved(await centre.position())
        account = await judged(centre, load)
    gone = [(one.acknowledged or 0) / 1000 for one in account.named]
    later = [moment for moment in gone if moment > down.killed - LAST_S]
    tell(
        case="young session",
        gone=len(gone),
        named_by_the_gap_report=len(gone),
        gone_around_the_kill=len(later),
        until_s_after_the_restart=max(later, default=down.back) - down.back,
    )
    assert len(gone) >= 2 * len(centre.devices)
    assert max(gone) < down.back + 15
