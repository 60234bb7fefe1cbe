"""How good the alarms are: figures kept by the hour."""

from importlib.resources import files

from alembic import op

revision = "0015_pre_alarm_quality"
down_revision = "0014_pre_silences"


def upgrade() -> None:
    op.execute(files("ioc.store.migrations").joinpath("0015_alarm_quality.sql").read_text("utf-8"))
