"""The tables of releases of administrative units, of centres that were merged, and of topics that stay accepted."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, BYTEA, JSONB, TIMESTAMP

from ioc.store.tables import METADATA

AREA_RELEASES = sa.Table(
    "area_releases",
    METADATA,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("sha256", BYTEA),
    sa.Column("effective", sa.Date),
    sa.Column("source", sa.Text),
    sa.Column("loaded_at", TIMESTAMP(timezone=True)),
    sa.Column("loaded_by", sa.Text),
    *(sa.Column(name, sa.Integer) for name in ("entered", "closed", "kept")),
    sa.Column("shares", JSONB),
    sa.Column("notes", ARRAY(sa.Text)),
    sa.Column("moved_at", TIMESTAMP(timezone=True)),
    sa.Column("moved", JSONB(none_as_null=True)),
)

CENTRE_MERGES = sa.Table(
    "centre_merges",
    METADATA,
    sa.Column("gone", sa.Text, primary_key=True),
    sa.Column("centre", sa.Text),
    sa.Column("at", TIMESTAMP(timezone=True)),
    sa.Column("who", sa.Text),
    sa.Column("report", JSONB),
)

FORMER_TOPICS = sa.Table(
    "former_topics",
    METADATA,
    sa.Column("code", sa.Text, primary_key=True),
    sa.Column("centre", sa.Text, primary_key=True),
    sa.Column("since", TIMESTAMP(timezone=True)),
)
