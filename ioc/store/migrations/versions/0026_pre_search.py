"""What finding a place, a device or an incident by its name needs."""

from importlib.resources import files

from alembic import op

revision = "0026_pre_search"
down_revision = "0025_pre_layouts"


def upgrade() -> None:
    op.execute(files("ioc.store.migrations").joinpath("0026_search.sql").read_text("utf-8"))
