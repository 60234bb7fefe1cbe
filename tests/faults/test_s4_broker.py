"""S4: the broker is killed: what it acknowledged in its last second may be gone, nothing older."""

import random
import time
from collections.abc import Callable

import msgspec
import pytest

from tests.faults.conftest import Open
from tests.instruments.ledger import Sent
from tests.instruments.waiting import until
from tests.instruments.world import World

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


@pytest.mark.parametrize("intake_away", [False, True])
async def test_kills_at_random_moments(
    world: Open, chance: random.Random, long: bool, tell: Callable[..., None], intake_away: bool
) -> None:
    """Devices keep what was not acknowledged and send it again; with the intake frozen the broker holds the rest."""
    kills, outages, back = (30 if intake_away else 100) if long else 2, [], []
    async with world() as centre:
        intake = await centre.intake()
        load = centre.load(rates=[(3600, RATE)], seed=chance.randrange(10**6))
        for _ in range(kills):
            await saved(centre)
            await load.acknowledged(chance.randrange(100, 2000))
            if intake_away:
                intake.freeze()
                await load.acknowledged(chance.randrange(500, 3000))
            outages.append(await outage(centre))
            intake.thaw()
            before = await centre.position()
            back.append(await centre.moved(before))
        await load.acknowledged(1000)  # a gap shows when the same device is heard again
        account = await centre.settled(await load.finished(), quiet_s=3)
        assert intake.code is None, intake.said()[-2000:]
    tell(
        intake="away" if intake_away else "there",
        kills=kills,
        kept=account.kept,
        gone_of_the_last_second=len(account.lost) + account.missing,
        named_by_the_gap_report=account.missing,
        twice=len(account.twice),
        longest_resume_s=max(back),
    )
    assert not account.twice, account
    assert not account.foreign, account
    unexcused = [one for one in account.lost if not any(found.excuses(one) for found in outages)]
    assert not unexcused, f"{len(unexcused)} were lost that the broker had for longer, {account}"


async def test_a_session_younger_than_the_last_saved_state(world: Open, tell: Callable[..., None]) -> None:
    """Killed before it saved the intake's very first session, the broker forgets who listens: how long, and how many.

    No setting of Mosquitto 2.0 mends this; what was acknowledged until the intake is back has to be sent again.
    """
    async with world() as centre:
        await centre.intake()
        load = centre.load(rates=[(3600, RATE)])
        await load.acknowledged(200)
        down = await outage(centre)
        await centre.moved(await centre.position())
        account = await centre.settled(await load.finished(), quiet_s=3)
    gone = [(one.acknowledged or 0) / 1000 for one in account.lost]
    tell(case="young session", gone=len(gone), until_s_after_the_restart=max(gone, default=down.back) - down.back)
    assert not account.twice, account
    assert max(gone, default=0.0) < down.back + 15
