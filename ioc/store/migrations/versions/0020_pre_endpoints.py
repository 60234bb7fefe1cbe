"""Endpoints of units and of citizens' channels, and subscriptions of web push."""

from importlib.resources import files

from alembic import op

revision = "0020_pre_endpoints"
down_revision = "0019_pre_tell"


def upgrade() -> None:
    op.execute(files("ioc.store.migrations").joinpath("0020_endpoints.sql").read_text("utf-8"))
