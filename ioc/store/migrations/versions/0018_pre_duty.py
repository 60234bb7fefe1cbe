"""Policies of tickets by version, teams and duty rosters."""

from importlib.resources import files

from alembic import op

revision = "0018_pre_duty"
down_revision = "0017_pre_timers"


def upgrade() -> None:
    op.execute(files("ioc.store.migrations").joinpath("0018_duty.sql").read_text("utf-8"))
