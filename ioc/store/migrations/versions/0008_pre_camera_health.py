"""The grade of each camera, its link, and where it looks."""

from importlib.resources import files

from alembic import op

revision = "0008_pre_camera_health"
down_revision = "0007_pre_evidence"


def upgrade() -> None:
    op.execute(files("ioc.store.migrations").joinpath("0008_camera_health.sql").read_text("utf-8"))
