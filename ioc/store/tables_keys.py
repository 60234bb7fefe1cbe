"""The tables of what devices sign in with at the broker: the hashes of their keys, and their certificates."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TIMESTAMP

from ioc.store.tables import METADATA

KEYS = sa.Table(
    "device_keys",
    METADATA,
    sa.Column("login", sa.Text, primary_key=True),
    *(sa.Column(name, sa.Text) for name in ("code", "subject", "hash")),
    sa.Column("made_at", TIMESTAMP(timezone=True)),
    sa.Column("made_by", sa.Text),
    sa.Column("seen_at", TIMESTAMP(timezone=True)),
    sa.Column("until", TIMESTAMP(timezone=True)),
)

CERTIFICATES = sa.Table(
    "device_certificates",
    METADATA,
    sa.Column("serial", sa.Text, primary_key=True),
    *(sa.Column(name, sa.Text) for name in ("code", "subject")),
    sa.Column("made_at", TIMESTAMP(timezone=True)),
    sa.Column("made_by", sa.Text),
    sa.Column("until", TIMESTAMP(timezone=True)),
    sa.Column("revoked_at", TIMESTAMP(timezone=True)),
)
