"""The table of what was changed in the register of devices and cameras."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP

from ioc.store.tables import METADATA

REGISTER_LOG = sa.Table(
    "register_log",
    METADATA,
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("subject", sa.Text),
    sa.Column("code", sa.Text),
    sa.Column("version", sa.Integer),
    sa.Column("at", TIMESTAMP(timezone=True)),
    sa.Column("who", sa.Text),
    sa.Column("act", sa.Text),
    sa.Column("reason", sa.Text),
    sa.Column("changes", JSONB),
)
