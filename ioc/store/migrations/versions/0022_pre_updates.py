"""What citizens' channels are told of their reports."""

from importlib.resources import files

from alembic import op

revision = "0022_pre_updates"
down_revision = "0021_pre_uploads"


def upgrade() -> None:
    op.execute(files("ioc.store.migrations").joinpath("0022_updates.sql").read_text("utf-8"))
