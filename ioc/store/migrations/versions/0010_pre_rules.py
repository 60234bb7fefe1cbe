"""Rules with their versions and overrides."""

from importlib.resources import files

from alembic import op

revision = "0010_pre_rules"
down_revision = "0009_pre_alarm_match"


def upgrade() -> None:
    op.execute(files("ioc.store.migrations").joinpath("0010_rules.sql").read_text("utf-8"))
