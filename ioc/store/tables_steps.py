"""The tables of an incident's life in people's hands: who saw it, its procedure, joins and their undo."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP, UUID

from ioc.store.tables import METADATA


def _time(name: str) -> sa.Column[Any]:
    return sa.Column(name, TIMESTAMP(timezone=True))


def _id(name: str, **options: Any) -> sa.Column[Any]:
    return sa.Column(name, UUID(as_uuid=True), **options)


INCIDENT_SEEN = sa.Table(
    "incident_seen",
    METADATA,
    _id("incident", primary_key=True),
    sa.Column("who", sa.Text, primary_key=True),
    _time("first_at"),
    _time("last_at"),
    sa.Column("version", sa.Integer),
)

INCIDENT_CHECKLIST = sa.Table(
    "incident_checklist",
    METADATA,
    _id("incident", primary_key=True),
    sa.Column("items", JSONB),
)

INCIDENT_MOVES = sa.Table(
    "incident_moves",
    METADATA,
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    _id("source"),
    _id("target"),
    sa.Column("move", JSONB),
    sa.Column("through", sa.BigInteger),
    _time("undone_at"),
)

MOVED_ALARMS = sa.Table(
    "moved_alarms",
    METADATA,
    sa.Column("move", sa.BigInteger, primary_key=True),
    _id("alarm", primary_key=True),
    sa.Column("match", sa.Text),
)

CHECKLISTS = sa.Table(
    "checklists",
    METADATA,
    sa.Column("category", sa.Text, primary_key=True),
    sa.Column("version", sa.Integer),
    sa.Column("items", JSONB),
    sa.Column("changed_by", sa.Text),
    _time("changed_at"),
)
