"""The generator keeps to its plan, writes before it sends, and sends again what was not acknowledged."""

import random
import signal
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from sensors.broker import Login, Subscription
from sensors.broker_paho import PahoBroker
from tests.instruments import ledger as ledgers
from tests.instruments.generator import Plan
from tests.instruments.ledger import payload_of
from tests.instruments.servers import OwnBroker
from tests.instruments.world import PROPERTIES, Load, World

DEVICES = [f"rain-{number:03d}" for number in range(20)]


@pytest.fixture
def street(own_broker: OwnBroker, short_folder: Path) -> World:
    """A world without a database, for its generators alone."""
    world = World(None, own_broker, "", short_folder)  # type: ignore[arg-type]
    world.devices = DEVICES
    return world


def plan(street: World, **more: Any) -> Load:
    return street.load(**{"rates": [(20, 2000.0)], "most": 2000, "seed": random.randrange(10**6)} | more)


async def heard(broker: OwnBroker, load: Load, number: int) -> list[tuple[str, bytes]]:
    """What a subscriber gets of the load, `number` messages of it."""
    login = Login(
        host="127.0.0.1", port=broker.port, user="ioc-intake", password=broker.keys["ioc-intake"], client_id="x"
    )
    found: list[tuple[str, bytes]] = []
    async with PahoBroker.open(login, Subscription(topics=("ioc/v1/#",))) as paho:
        while len(found) < number:
            messages = await paho.gather(1000, 0.02)
            paho.acknowledge(messages)
            found += [(one.topic, one.payload) for one in messages]
    return found


async def test_the_ledger_has_what_a_subscriber_hears(own_broker: OwnBroker, street: World) -> None:
    load = plan(street, poison_every=100)
    messages = await heard(own_broker, load, 2000)
    ledger = await load.over(60)
    good = [one for one in ledger.messages.values() if not one.kind]
    assert len(ledger.messages) == len(ledger.acknowledged) == 2000
    assert len(good) == 1980
    assert {payload_of(one, PROPERTIES) for one in good} <= {payload for _, payload in messages}
    by_device = Counter(one.device for one in good)
    assert all(
        sorted(one.seq for one in good if one.device == code) == list(range(1, n + 1)) for code, n in by_device.items()
    )


async def test_repeats_and_back_dated_messages_are_as_many_as_planned(own_broker: OwnBroker, street: World) -> None:
    load = plan(street, repeats=0.5, late_s=0.5, back_dated=0.3, back_s=86400)
    ledger = await load.over(60)
    repeats = [one.repeats for one in ledger.messages.values()]
    assert set(repeats) == {0, 2}
    assert 800 < repeats.count(2) < 1200
    late = [one for one in ledger.messages.values() if one.at < one.sent - 5000]
    assert 450 < len(late) < 750
    assert min(one.at - one.sent for one in late) > -86_401_000


async def test_a_rate_is_kept_and_a_burst_is_one(street: World) -> None:
    ledger = await plan(street, rates=[(1, 200.0), (1, 2000.0)], most=0).over(60)
    first = min(one.sent for one in ledger.messages.values())
    slow = sum(one.sent < first + 900 for one in ledger.messages.values())
    assert 100 < slow < 260
    assert 1500 < len(ledger.messages) < 2400


async def test_a_broker_that_is_killed_costs_no_unacknowledged_message(own_broker: OwnBroker, street: World) -> None:
    load = plan(street, rates=[(60, 2000.0)], most=4000)
    await load.acknowledged(1000)
    own_broker.kill()
    await own_broker.start()
    ledger = await load.over(60)
    assert ledger.ended
    assert len(ledger.acknowledged) == 4000


async def test_a_storm_cuts_all_connections_and_everything_arrives(street: World) -> None:
    ledger = await plan(street, storm_s=0.3, connections=10).over(60)
    assert len(ledger.acknowledged) == 2000


async def test_a_killed_generator_leaves_a_ledger_that_can_be_read(own_broker: OwnBroker, street: World) -> None:
    load = plan(street, most=0)
    await load.acknowledged(500)
    load.process.signal(signal.SIGKILL)
    assert await load.process.ended(10) == -9
    ledger = ledgers.read(load.path)
    assert not ledger.ended
    assert len(ledger.acknowledged) >= 500


def test_a_plan_with_a_misspelt_knob_is_refused() -> None:
    with pytest.raises(TypeError):
        Plan(port=1, ledger="x", centre="c", devices=[], properties=[], run="r", rates=[], dublicates=1)  # type: ignore[call-arg]
