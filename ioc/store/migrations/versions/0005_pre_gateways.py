"""Devices behind gateways, and dead letters that can be mended."""

from importlib.resources import files

from alembic import op

revision = "0005_pre_gateways"
down_revision = "0004_pre_freshness"


def upgrade() -> None:
    op.execute(files("ioc.store.migrations").joinpath("0005_gateways.sql").read_text("utf-8"))
