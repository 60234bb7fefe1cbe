"""What an alarm says, how it came to its incident, and what other systems call it."""

from importlib.resources import files

from alembic import op

revision = "0009_pre_alarm_match"
down_revision = "0008_pre_camera_health"


def upgrade() -> None:
    op.execute(files("ioc.store.migrations").joinpath("0009_alarm_match.sql").read_text("utf-8"))
