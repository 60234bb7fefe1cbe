"""The table of the reports that a sighting which goes on was told in."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TIMESTAMP, UUID

from ioc.store.tables import METADATA

SIGHTING_REPORTS = sa.Table(
    "sighting_reports",
    METADATA,
    sa.Column("centre", sa.Text, primary_key=True),
    sa.Column("area", sa.Text),
    sa.Column("camera", sa.Text, primary_key=True),
    sa.Column("run", sa.Text, primary_key=True),
    sa.Column("seq", sa.BigInteger, primary_key=True),
    sa.Column("at", TIMESTAMP(timezone=True), primary_key=True),
    sa.Column("sighting", UUID(as_uuid=True)),
)
