"""What every channel has to fulfil, asked of each: the double in memory, and the real ones with real receivers.

A channel joins by a function in STATIONS that opens a `Station`.
"""

import contextlib
import datetime as dt
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

import msgspec
import pytest

from ioc.tell.channel import Accepted, Again, Channel, Item, Message, Refused, Told
from tests.fakes import stations
from tests.fakes.notebook import Notebook

AT = dt.datetime(2026, 11, 26, 1, 2, 3, tzinfo=dt.UTC)

MESSAGE = Message(
    id="0193662b-9a3c-7000-8000-00000000a001",
    recipient="lan",
    language="vi",
    subject="Phiếu 17: ngập đường Trần Phú",
    text="Phiếu 17: ngập đường Trần Phú\nNhận trước 08:32.\nCòn 2 việc khác.",
    items=(
        Item(
            topic="escalation",
            severity="severe",
            title="Phiếu 17: ngập đường Trần Phú",
            body="Nhận trước 08:32.",
            link="/inbox#0193662b-9a3c-7000-8000-000000000017",
            ticket="0193662b-9a3c-7000-8000-000000000017",
            at=AT,
        ),
    ),
    more=2,
    link="/inbox",
    thread="ticket:0193662b-9a3c-7000-8000-000000000017",
    severity="severe",
    topic="escalation",
    receipt="/api/v1/receipts/c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LTEyMzQ",
    created=AT,
)


Opening = Callable[[], AbstractAsyncContextManager["Station"]]


class Station(msgspec.Struct, frozen=True, kw_only=True):
    """A channel with its receiver. `received` gives what arrived at `address`: the id that the receiver can know a
    repetition by, and the text as it was received. `impossible` is an address that can never be sent to. `away` keeps
    the receiver from taking anything for a while."""

    channel: Channel
    address: str
    impossible: str
    received: Callable[[], Awaitable[Sequence[tuple[str, str]]]]
    away: Callable[[], AbstractAsyncContextManager[None]]
    id_of: Callable[[str], str] = lambda message_id: message_id
    says: Callable[[str], str] = lambda text: text


@contextlib.asynccontextmanager
async def notebook() -> AsyncIterator[Station]:
    book = Notebook()

    async def received() -> Sequence[tuple[str, str]]:
        return [(message.id, message.text) for address, message in book.pages if address == "lan"]

    @contextlib.asynccontextmanager
    async def away() -> AsyncIterator[None]:
        with book.away():
            yield

    yield Station(channel=book, address="lan", impossible="", received=received, away=away)


def real(opening: Callable[[], AbstractAsyncContextManager[dict[str, Any]]]) -> Opening:
    """A real channel of tests/fakes/stations.py."""

    @contextlib.asynccontextmanager
    async def station() -> AsyncIterator[Station]:
        async with opening() as about:
            yield Station(**about)

    station.__name__ = opening.__name__
    return station


STATIONS: list[Opening] = [notebook, *map(real, stations.ALL)]


@pytest.fixture(params=STATIONS, ids=lambda one: one.__name__)
async def station(request: pytest.FixtureRequest) -> AsyncIterator[Station]:
    async with request.param() as opened:
        yield opened


async def test_what_is_sent_arrives_with_its_id_and_its_words(station: Station) -> None:
    assert isinstance(await station.channel.send(MESSAGE, station.address), Told | Accepted)
    ((id_, text),) = await station.received()
    assert id_ == station.id_of(MESSAGE.id)
    assert station.says("Phiếu 17: ngập đường Trần Phú") in text


async def test_sent_again_it_can_be_known_as_the_same(station: Station) -> None:
    for _ in range(2):
        await station.channel.send(MESSAGE, station.address)
    found = await station.received()
    assert {id_ for id_, _ in found} == {station.id_of(MESSAGE.id)}


async def test_two_messages_are_two(station: Station) -> None:
    other = msgspec.structs.replace(MESSAGE, id="0193662b-9a3c-7000-8000-00000000a002")
    for one in (MESSAGE, other):
        assert isinstance(await station.channel.send(one, station.address), Told | Accepted)
    assert {id_ for id_, _ in await station.received()} == {station.id_of(MESSAGE.id), station.id_of(other.id)}


async def test_a_receiver_that_is_away_is_tried_again(station: Station) -> None:
    async with station.away():
        outcome = await station.channel.send(MESSAGE, station.address)
    assert isinstance(outcome, Again), outcome
    assert outcome.reason
    assert station.address not in outcome.reason
    assert isinstance(await station.channel.send(MESSAGE, station.address), Told | Accepted)
    assert len(await station.received()) == 1


async def test_an_impossible_address_is_refused_for_good(station: Station) -> None:
    outcome = await station.channel.send(MESSAGE, station.impossible)
    assert isinstance(outcome, Refused), outcome
    assert outcome.reason
