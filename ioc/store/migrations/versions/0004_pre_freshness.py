"""Freshness of each stream, and alarms that the centre raises about its own sources."""

from importlib.resources import files

from alembic import op

revision = "0004_pre_freshness"
down_revision = "0003_pre_sequences"


def upgrade() -> None:
    op.execute(files("ioc.store.migrations").joinpath("0004_freshness.sql").read_text("utf-8"))
