"""Pages of any order read every row once, whatever is alike or empty."""

import datetime as dt
import random
import uuid
from typing import Any

import pytest
import sqlalchemy as sa

from gis.layer import Field, Layer
from ioc.access.scope import EVERYTHING
from ioc.store.database import Database, Transaction
from ioc.store.ordering import Order, following, sorting, values
from tests.conftest import Fresh

WORDS = ("low", "high", "highest")
THINGS = Layer(
    id="things",
    vi="",
    en="",
    relation="things",
    key=("id",),
    key_kind="uuid",
    fields=(
        Field("word", "string", "", "", words=WORDS),
        Field("text", "string", "", ""),
        Field("value", "number", "", ""),
        Field("at", "datetime", "", ""),
        Field("flag", "boolean", "", ""),
        Field("list", "strings", "", ""),
    ),
)
TABLE = sa.Table(
    "things",
    sa.MetaData(),
    sa.Column("id", sa.Uuid(), primary_key=True),
    sa.Column("word", sa.Text()),
    sa.Column("text", sa.Text(), nullable=False),
    sa.Column("value", sa.Float()),
    sa.Column("at", sa.DateTime(timezone=True)),
    sa.Column("flag", sa.Boolean()),
)
COLUMNS: dict[str, sa.ColumnElement[Any]] = {column.name: column for column in TABLE.c}
NOW = dt.datetime(2026, 11, 22, 1, 2, 3, 456_789, tzinfo=dt.UTC)
ORDERS: list[Order] = [
    (),
    (("word", False),),
    (("word", True), ("at", False)),
    (("value", True), ("text", True), ("flag", False)),
    (("text", False), ("value", False)),
    (("text", True),),
    (("at", True), ("word", True), ("value", False), ("flag", True)),
]


def thing(chance: random.Random) -> dict[str, Any]:
    return {
        "id": uuid.UUID(int=chance.getrandbits(128)),
        "word": chance.choice([*WORDS, None]),
        "text": chance.choice(["a", "B", "đ", "=", ""]),
        "value": chance.choice([None, 0.1, -3.0, 1e300]),
        "at": chance.choice([None, NOW, NOW + dt.timedelta(microseconds=1)]),
        "flag": chance.choice([None, True, False]),
    }


def ahead(row: dict[str, Any], order: Order) -> tuple[Any, ...]:
    """A Python key of the same order, but for texts, whose order is the database's."""
    found: list[Any] = []
    for name, falls in order:
        value = WORDS.index(row[name]) if name == "word" and row[name] else row[name]
        if isinstance(value, dt.datetime):
            value = value.timestamp()
        found.append((value is None, 0 if value is None else -value if falls else value))
    return (*found, row["id"])


async def pages(transaction: Transaction, order: Order, size: int) -> list[dict[str, Any]]:
    read: list[dict[str, Any]] = []
    after: tuple[Any, ...] | None = None
    while True:
        statement = sa.select(TABLE).order_by(*sorting(THINGS, COLUMNS, order)).limit(size)
        bound = {f"after{number}": value for number, value in enumerate(after or ())}
        if after is not None:
            statement = statement.where(following(THINGS, COLUMNS, order))
        found = await transaction.rows(statement, **bound)
        read += [{name: row[name] for name in COLUMNS} for row in found]
        if len(found) < size:
            return read
        after = values(THINGS, found[-1], order)


async def test_every_row_once_in_the_order_asked(fresh: Fresh) -> None:
    chance = random.Random(7)
    rows = [thing(chance) for _ in range(137)]
    async with Database.open(fresh.url()) as database, database.transaction(EVERYTHING) as transaction:
        await transaction.connection.execute(
            "create temp table things (id uuid primary key, word text, text text not null, value float8, "
            "at timestamptz, flag bool) on commit drop"
        )
        await transaction.run_many(sa.insert(TABLE).values({name: sa.bindparam(name) for name in COLUMNS}), rows)
        for order in ORDERS:
            whole = await pages(transaction, order, 1_000)
            assert sorted(row["id"] for row in whole) == sorted(row["id"] for row in rows)
            for size in (1, 10, 137):
                assert await pages(transaction, order, size) == whole
            if all(name != "text" for name, _ in order):
                assert whole == sorted(whole, key=lambda row: ahead(row, order))


@pytest.mark.parametrize("name", ["list", "nothing", "id"])
def test_no_other_field_makes_an_order(name: str) -> None:
    with pytest.raises(ValueError, match="sorted"):
        sorting(THINGS, COLUMNS, ((name, False),))
