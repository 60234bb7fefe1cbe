"""The tables of endpoints, and of the browsers that take messages by web push."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import BYTEA, JSONB, TIMESTAMP, UUID

from ioc.store.tables import METADATA

ENDPOINTS = sa.Table(
    "endpoints",
    METADATA,
    sa.Column("code", sa.Text, primary_key=True),
    *(sa.Column(name, sa.Text) for name in ("kind", "centre", "area", "unit", "name", "address")),
    sa.Column("template", JSONB),
    sa.Column("secret", sa.Text),
    sa.Column("old_secret", sa.Text),
    sa.Column("old_until", TIMESTAMP(timezone=True)),
    sa.Column("enabled", sa.Boolean),
    sa.Column("version", sa.Integer),
    sa.Column("changed_at", TIMESTAMP(timezone=True)),
    sa.Column("changed_by", sa.Text),
)

PUSH_SUBSCRIPTIONS = sa.Table(
    "push_subscriptions",
    METADATA,
    sa.Column("digest", BYTEA, primary_key=True),
    sa.Column("account", UUID(as_uuid=True)),
    *(sa.Column(name, sa.Text) for name in ("endpoint", "p256dh", "auth", "agent")),
    sa.Column("created_at", TIMESTAMP(timezone=True)),
)
