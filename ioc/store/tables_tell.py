"""The tables of what people are told: notifications, messages, sendings, and where people can be reached."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import BYTEA, JSONB, TIMESTAMP, UUID

from ioc.store.tables import METADATA


def _time(name: str) -> sa.Column[Any]:
    return sa.Column(name, TIMESTAMP(timezone=True))


def _text(name: str, **options: Any) -> sa.Column[Any]:
    return sa.Column(name, sa.Text, **options)


def _counter() -> sa.Column[Any]:
    return sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True)


NOTIFICATIONS = sa.Table(
    "notifications",
    METADATA,
    _counter(),
    *(_text(name) for name in ("key", "recipient", "topic", "thread", "severity", "title", "title_en")),
    *(_text(name) for name in ("body", "body_en", "link")),
    sa.Column("ticket", UUID(as_uuid=True)),
    sa.Column("incident", UUID(as_uuid=True)),
    _text("centre"),
    _text("area"),
    _time("at"),
    _time("due_at"),
    _time("read_at"),
)

TOLD_THREADS = sa.Table(
    "told_threads",
    METADATA,
    _text("recipient", primary_key=True),
    _text("thread", primary_key=True),
    _time("told_at"),
    _time("repeat_at"),
    sa.Column("notification", sa.BigInteger),
)

MESSAGES = sa.Table(
    "messages",
    METADATA,
    sa.Column("id", UUID(as_uuid=True), primary_key=True),
    *(_text(name) for name in ("recipient", "language", "severity", "state")),
    sa.Column("route", JSONB),
    sa.Column("place", sa.SmallInteger),
    sa.Column("tries", sa.SmallInteger),
    _text("taken_by"),
    _text("channel"),
    _time("due_at"),
    _time("begun_at"),
    _text("told_by"),
    _text("reason"),
    sa.Column("round", sa.SmallInteger),
    sa.Column("repeats", sa.Boolean),
    _time("created_at"),
    _time("ended_at"),
)

MESSAGE_ITEMS = sa.Table(
    "message_items",
    METADATA,
    sa.Column("message", UUID(as_uuid=True), primary_key=True),
    sa.Column("notification", sa.BigInteger, primary_key=True),
)

DELIVERIES = sa.Table(
    "deliveries",
    METADATA,
    _counter(),
    sa.Column("message", UUID(as_uuid=True)),
    sa.Column("round", sa.SmallInteger),
    _text("channel"),
    _text("address"),
    _time("begun_at"),
    _time("ended_at"),
    _text("outcome"),
    _text("reason"),
    _text("reference"),
    sa.Column("token", BYTEA),
    _text("receipt"),
    _time("receipt_at"),
)

CONTACTS = sa.Table(
    "contacts",
    METADATA,
    _text("login", primary_key=True),
    sa.Column("channels", JSONB),
    sa.Column("quiet_from", sa.Time),
    sa.Column("quiet_until", sa.Time),
    sa.Column("version", sa.Integer),
    _text("changed_by"),
    _time("changed_at"),
)
