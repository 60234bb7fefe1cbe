"""The table of people's arrangements of the wall."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP, UUID

from ioc.store.tables import METADATA

LAYOUTS = sa.Table(
    "layouts",
    METADATA,
    sa.Column("account", UUID(as_uuid=True), primary_key=True),
    sa.Column("version", sa.Integer),
    sa.Column("layout", JSONB),
    sa.Column("changed_at", TIMESTAMP(timezone=True)),
)
