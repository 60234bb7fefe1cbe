"""Readings that last: partitions by retention class, rollups."""

from importlib.resources import files

from alembic import op

revision = "0002_pre_storage"
down_revision = "0001_pre_ground"


def upgrade() -> None:
    op.execute(files("ioc.store.migrations").joinpath("0002_storage.sql").read_text("utf-8"))
