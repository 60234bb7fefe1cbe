"""The table of photographs on their way in."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import BYTEA, TIMESTAMP, UUID

from ioc.store.tables import METADATA

UPLOADS = sa.Table(
    "uploads",
    METADATA,
    sa.Column("id", UUID(as_uuid=True), primary_key=True),
    sa.Column("login", sa.Text),
    sa.Column("size", sa.Integer),
    sa.Column("received", sa.Integer),
    sa.Column("created_at", TIMESTAMP(timezone=True)),
    sa.Column("expires_at", TIMESTAMP(timezone=True)),
    sa.Column("refused", sa.Text),
    sa.Column("picture", UUID(as_uuid=True)),
    sa.Column("sha256", BYTEA),
    sa.Column("bytes", sa.Integer),
    sa.Column("judged_at", TIMESTAMP(timezone=True)),
    sa.Column("taken_at", TIMESTAMP(timezone=True)),
)
