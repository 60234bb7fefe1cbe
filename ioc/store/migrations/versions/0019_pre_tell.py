"""What people are told, how, and what became of it."""

from importlib.resources import files

from alembic import op

revision = "0019_pre_tell"
down_revision = "0018_pre_duty"


def upgrade() -> None:
    op.execute(files("ioc.store.migrations").joinpath("0019_tell.sql").read_text("utf-8"))
