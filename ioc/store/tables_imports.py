"""The table of files that came to be imported."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, BYTEA, JSONB, TIMESTAMP, UUID

from ioc.store.tables import METADATA

IMPORTS = sa.Table(
    "imports",
    METADATA,
    sa.Column("id", UUID(as_uuid=True), primary_key=True),
    sa.Column("login", sa.Text),
    sa.Column("subject", sa.Text),
    sa.Column("made_at", TIMESTAMP(timezone=True)),
    sa.Column("expires_at", TIMESTAMP(timezone=True)),
    sa.Column("applied_at", TIMESTAMP(timezone=True)),
    sa.Column("headings", ARRAY(sa.Text)),
    sa.Column("unknown", JSONB),
    sa.Column("rows", BYTEA),
)
