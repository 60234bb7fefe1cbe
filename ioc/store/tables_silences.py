"""The tables of silences, and of what each hid."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP, UUID

from ioc.store.tables import METADATA


def _time(name: str) -> sa.Column[Any]:
    return sa.Column(name, TIMESTAMP(timezone=True))


SILENCES = sa.Table(
    "silences",
    METADATA,
    sa.Column("id", UUID(as_uuid=True), primary_key=True),
    sa.Column("centre", sa.Text),
    sa.Column("area", sa.Text),
    sa.Column("version", sa.Integer),
    sa.Column("author", sa.Text),
    sa.Column("reason", sa.Text),
    sa.Column("sources", ARRAY(sa.Text)),
    sa.Column("rules", ARRAY(sa.Text)),
    sa.Column("categories", ARRAY(sa.Text)),
    sa.Column("areas", ARRAY(sa.Text)),
    sa.Column("reach", ARRAY(sa.Text)),
    sa.Column("centres", ARRAY(sa.Text)),
    sa.Column("worst", sa.Text),
    _time("starts"),
    _time("until"),
    sa.Column("recurs", JSONB),
    _time("created_at"),
    _time("ended_at"),
    sa.Column("ended_by", sa.Text),
)

SILENCED = sa.Table(
    "silenced",
    METADATA,
    sa.Column("id", sa.BigInteger, sa.Identity(always=True)),
    sa.Column("silence", UUID(as_uuid=True), primary_key=True),
    sa.Column("alarm", UUID(as_uuid=True), primary_key=True),
    _time("at"),
    sa.Column("severity", sa.Text),
    _time("released_at"),
)
