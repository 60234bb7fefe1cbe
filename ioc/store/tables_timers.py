"""The table of the timers of tickets."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TIMESTAMP, UUID

from ioc.store.tables import METADATA

TICKET_TIMERS = sa.Table(
    "ticket_timers",
    METADATA,
    sa.Column("ticket", UUID(as_uuid=True), primary_key=True),
    *(sa.Column(name, sa.Text, primary_key=True) for name in ("kind", "stage", "step")),
    *(sa.Column(name, sa.Integer, primary_key=True) for name in ("generation", "round")),
    sa.Column("at", TIMESTAMP(timezone=True)),
    sa.Column("fired_at", TIMESTAMP(timezone=True)),
)
