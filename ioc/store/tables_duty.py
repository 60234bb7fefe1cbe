"""The tables of the policy's versions, of teams, and of who is on duty when."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP, UUID

from ioc.store.tables import METADATA


def _time(name: str) -> sa.Column[Any]:
    return sa.Column(name, TIMESTAMP(timezone=True))


TICKET_POLICIES = sa.Table(
    "ticket_policies",
    METADATA,
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("digest", sa.Text),
    sa.Column("body", JSONB),
    sa.Column("shipped", sa.Boolean),
    _time("at"),
    sa.Column("who", sa.Text),
    sa.Column("why", sa.Text),
)

TEAMS = sa.Table(
    "teams",
    METADATA,
    sa.Column("unit", sa.Text, primary_key=True),
    sa.Column("code", sa.Text, primary_key=True),
    sa.Column("centre", sa.Text),
    sa.Column("area", sa.Text),
    sa.Column("name", sa.Text),
    sa.Column("members", ARRAY(sa.Text)),
    sa.Column("version", sa.Integer),
    _time("updated_at"),
)

DUTIES = sa.Table(
    "duties",
    METADATA,
    sa.Column("id", UUID(as_uuid=True), primary_key=True),
    sa.Column("series", UUID(as_uuid=True)),
    sa.Column("unit", sa.Text),
    sa.Column("team", sa.Text),
    sa.Column("login", sa.Text),
    sa.Column("centre", sa.Text),
    sa.Column("area", sa.Text),
    _time("starts"),
    _time("until"),
    sa.Column("note", sa.Text),
    sa.Column("created_by", sa.Text),
    _time("created_at"),
)
