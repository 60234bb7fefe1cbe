"""How each person has arranged the wall."""

from importlib.resources import files

from alembic import op

revision = "0025_pre_layouts"
down_revision = "0024_pre_past"


def upgrade() -> None:
    op.execute(files("ioc.store.migrations").joinpath("0025_layouts.sql").read_text("utf-8"))
