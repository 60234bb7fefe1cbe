"""The tables of counts: which numbers of each device are safe, and what was sent again."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP

from ioc.store.tables import METADATA


def _time(name: str) -> sa.Column[Any]:
    return sa.Column(name, TIMESTAMP(timezone=True))


SEQUENCES = sa.Table(
    "sequences",
    METADATA,
    sa.Column("device", sa.Text, primary_key=True),
    sa.Column("run", sa.Text, primary_key=True),
    sa.Column("centre", sa.Text),
    sa.Column("epoch", sa.Integer),
    sa.Column("base", sa.BigInteger),
    sa.Column("ranges", JSONB),
    sa.Column("through", sa.BigInteger),
    _time("newest_at"),
    _time("arrived_at"),
    sa.Column("missing", sa.BigInteger),
    _time("gap_at"),
    sa.Column("told", sa.Boolean),
)

REPEATS = sa.Table(
    "repeats",
    METADATA,
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("device", sa.Text),
    sa.Column("run", sa.Text),
    sa.Column("number", sa.BigInteger),
    _time("at"),
)
