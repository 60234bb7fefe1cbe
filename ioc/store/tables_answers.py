"""The table of answers that are kept for repeated requests."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import BYTEA, TIMESTAMP

from ioc.store.tables import METADATA

ANSWERS = sa.Table(
    "answers",
    METADATA,
    sa.Column("login", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("request", BYTEA),
    sa.Column("status", sa.Integer),
    sa.Column("media", sa.Text),
    sa.Column("body", BYTEA),
    sa.Column("claimed_at", TIMESTAMP(timezone=True)),
)
