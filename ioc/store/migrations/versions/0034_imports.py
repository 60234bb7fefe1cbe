"""Spreadsheets that were looked at and wait to be applied."""

from importlib.resources import files

from alembic import op

revision = "0034_pre_imports"
down_revision = "0033_pre_releases"


def upgrade() -> None:
    op.execute(files("ioc.store.migrations").joinpath("0034_imports.sql").read_text("utf-8"))
