"""What the wall needs to show a moment that is past."""

from importlib.resources import files

from alembic import op

revision = "0024_pre_past"
down_revision = "0023_pre_tiles"


def upgrade() -> None:
    op.execute(files("ioc.store.migrations").joinpath("0024_past.sql").read_text("utf-8"))
