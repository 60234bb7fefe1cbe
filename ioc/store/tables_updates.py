"""The table of what citizens' channels are told."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TIMESTAMP, UUID

from ioc.store.tables import METADATA


def _time(name: str) -> sa.Column[Any]:
    return sa.Column(name, TIMESTAMP(timezone=True))


def _id(name: str) -> sa.Column[Any]:
    return sa.Column(name, UUID(as_uuid=True))


REPORT_UPDATES = sa.Table(
    "report_updates",
    METADATA,
    sa.Column("place", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    _id("id"),
    sa.Column("centre", sa.Text),
    sa.Column("area", sa.Text),
    *(_id(name) for name in ("report", "ticket")),
    sa.Column("version", sa.Integer),
    *(sa.Column(name, sa.Text) for name in ("channel", "number", "step")),
    *(_time(name) for name in ("at", "expected_at")),
    *(sa.Column(name, sa.Text) for name in ("unit", "state")),
    sa.Column("attempts", sa.Integer),
    *(_time(name) for name in ("next_at", "told_at")),
    sa.Column("reason", sa.Text),
)
