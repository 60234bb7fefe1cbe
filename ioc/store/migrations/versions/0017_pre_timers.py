"""Timers of tickets: reminders and steps of escalation that are due."""

from importlib.resources import files

from alembic import op

revision = "0017_pre_timers"
down_revision = "0016_pre_tickets"


def upgrade() -> None:
    op.execute(files("ioc.store.migrations").joinpath("0017_timers.sql").read_text("utf-8"))
