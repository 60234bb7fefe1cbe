"""Uploads that resume."""

from importlib.resources import files

from alembic import op

revision = "0021_pre_uploads"
down_revision = "0020_pre_endpoints"


def upgrade() -> None:
    op.execute(files("ioc.store.migrations").joinpath("0021_uploads.sql").read_text("utf-8"))
