"""The tables of readings and their rollups, which lie in partitions; described as those in `tables.py`."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TIMESTAMP

from ioc.store.tables import METADATA

OWNERS = sa.Table(
    "owners",
    METADATA,
    sa.Column("id", sa.Integer, sa.Identity(always=True), primary_key=True),
    sa.Column("centre", sa.Text),
    sa.Column("area", sa.Text),
)

READINGS = sa.Table(
    "readings",
    METADATA,
    sa.Column("at", TIMESTAMP(timezone=True)),
    sa.Column("seq", sa.BigInteger),
    sa.Column("value", sa.Float),
    sa.Column("arrived_at", TIMESTAMP(timezone=True)),
    sa.Column("recorded_at", TIMESTAMP(timezone=True)),
    sa.Column("stream", sa.Integer),
    sa.Column("owner", sa.Integer),
    sa.Column("retention", sa.SmallInteger),
    sa.Column("quality", sa.SmallInteger),
    sa.Column("derived", sa.Boolean),
    sa.Column("run", sa.Text),
)

ROLLUPS = sa.Table(
    "rollups",
    METADATA,
    sa.Column("hour", TIMESTAMP(timezone=True), primary_key=True),
    sa.Column("total", sa.Numeric),
    sa.Column("low", sa.Float),
    sa.Column("high", sa.Float),
    sa.Column("covered", sa.BigInteger),
    sa.Column("stream", sa.Integer, primary_key=True),
    sa.Column("owner", sa.Integer),
    sa.Column("count", sa.Integer),
    sa.Column("doubtful", sa.Integer),
    sa.Column("retention", sa.SmallInteger, primary_key=True),
)
