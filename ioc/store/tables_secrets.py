"""The tables of cameras' addresses, which are sealed."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import BYTEA

from ioc.store.tables import METADATA

CAMERA_ADDRESSES = sa.Table(
    "camera_addresses",
    METADATA,
    sa.Column("code", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text),
    sa.Column("host", sa.Text),
    sa.Column("port", sa.Integer),
    sa.Column("path", sa.Text),
    sa.Column("key", sa.Text),
    sa.Column("sealed", BYTEA),
)

CAMERA_ADDRESSES_PLAIN = sa.Table(
    "camera_addresses_plain",
    METADATA,
    sa.Column("code", sa.Text, primary_key=True),
    sa.Column("url", sa.Text),
)
