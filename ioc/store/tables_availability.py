"""The table of when devices and cameras worked (0032_availability.sql)."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TIMESTAMP

from ioc.store.tables import METADATA

WORKINGS = sa.Table(
    "workings",
    METADATA,
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    *(sa.Column(name, sa.Text) for name in ("subject", "code", "centre", "area", "what", "state", "reason")),
    sa.Column("began", TIMESTAMP(timezone=True)),
    sa.Column("ended", TIMESTAMP(timezone=True)),
)
