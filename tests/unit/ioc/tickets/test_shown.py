"""A ticket on the map is the same made of the object and read back of its row."""

import datetime as dt

from gis.layer import Layer
from gis.layers import TICKETS
from ioc.access.scope import EVERYTHING
from ioc.store import layers, tickets
from ioc.store.database import Database
from ioc.tickets.shown import ticket_feature
from tests.fakes.things import NOW
from tests.fakes.tickets import ticket


async def test_the_row_read_back_is_the_same_feature(database: Database) -> None:
    one = ticket()
    two = ticket(
        2, parent=one.id, state="waiting", due_at=None, rest_s=12.5, waiting_since=NOW + dt.timedelta(minutes=3),
        waiting_why="chờ", owner="lan", team="t", unit="roads", centre="quang-nam", task="việc",
    )  # fmt: skip
    async with database.transaction(EVERYTHING) as transaction:
        assert await tickets.add(transaction, [one]) | await tickets.add(transaction, [two]) == {one.id, two.id}
        for made in (one, two):
            [read] = await layers.features_of(transaction, TICKETS, [made.id])
            assert read == ticket_feature(made)


def test_every_property_of_the_layer_is_told() -> None:
    layer: Layer = TICKETS
    told = ticket_feature(ticket())
    assert set(told["properties"]) == {field.name for field in layer.fields}
    assert (told["id"], told["geometry"]) == (ticket().id, {"type": "Point", "coordinates": [108.33, 15.88]})
