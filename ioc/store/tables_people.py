"""The tables of sessions, tokens, second factors and invitations; the accounts themselves are in tables.py."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, BYTEA, TIMESTAMP, UUID

from ioc.store.tables import METADATA


def _time(name: str) -> sa.Column[Any]:
    return sa.Column(name, TIMESTAMP(timezone=True))


def _account(**options: Any) -> sa.Column[Any]:
    return sa.Column("account", UUID(as_uuid=True), **options)


def _digest() -> sa.Column[Any]:
    return sa.Column("digest", BYTEA, primary_key=True)


SESSIONS = sa.Table(
    "sessions",
    METADATA,
    _digest(),
    sa.Column("id", UUID(as_uuid=True)),
    _account(),
    sa.Column("address", sa.Text),
    sa.Column("agent", sa.Text),
    _time("created_at"),
    _time("seen_at"),
    _time("expires_at"),
)

TOKENS = sa.Table(
    "tokens",
    METADATA,
    _digest(),
    sa.Column("id", UUID(as_uuid=True)),
    _account(),
    sa.Column("label", sa.Text),
    sa.Column("scopes", ARRAY(sa.Text)),
    _time("created_at"),
    _time("used_at"),
    _time("expires_at"),
)

FACTORS = sa.Table(
    "factors",
    METADATA,
    _account(primary_key=True),
    sa.Column("secret", BYTEA),
    _time("created_at"),
    _time("confirmed_at"),
    sa.Column("last_step", sa.BigInteger),
)

RECOVERY_CODES = sa.Table("recovery_codes", METADATA, _account(primary_key=True), _digest())

INVITES = sa.Table(
    "invites",
    METADATA,
    _digest(),
    _account(),
    sa.Column("created_by", sa.Text),
    _time("created_at"),
    _time("expires_at"),
)

KNOWN_BROWSERS = sa.Table(
    "known_browsers",
    METADATA,
    _digest(),
    _account(),
    sa.Column("address", sa.Text),
    _time("seen_at"),
)
