"""Tickets: what units have to do, their log, and how long each unit had them."""

from importlib.resources import files

from alembic import op

revision = "0016_pre_tickets"
down_revision = "0015_pre_alarm_quality"


def upgrade() -> None:
    op.execute(files("ioc.store.migrations").joinpath("0016_tickets.sql").read_text("utf-8"))
