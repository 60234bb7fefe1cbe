"""Releases of administrative units, and what each moved."""

from importlib.resources import files

from alembic import op

revision = "0033_pre_releases"
down_revision = "0032_pre_availability"


def upgrade() -> None:
    op.execute(files("ioc.store.migrations").joinpath("0033_releases.sql").read_text("utf-8"))
