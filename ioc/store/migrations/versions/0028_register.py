"""The record of a device or camera: who made it, what the law asks of it, its life cycle."""

from importlib.resources import files

from alembic import op

revision = "0028_pre_register"
down_revision = "0027_pre_counts"


def upgrade() -> None:
    op.execute(files("ioc.store.migrations").joinpath("0028_register.sql").read_text("utf-8"))
