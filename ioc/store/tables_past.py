"""The table of pictures of the past."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, TIMESTAMP

from ioc.store.tables import METADATA

PAST_PICTURES = sa.Table(
    "past_pictures",
    METADATA,
    sa.Column("change", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("told_at", TIMESTAMP(timezone=True)),
    sa.Column("shown", ARRAY(sa.BigInteger)),
)
