"""What the map draws: columns and indexes from which vector tiles come quickly."""

from importlib.resources import files

from alembic import op

revision = "0023_pre_tiles"
down_revision = "0022_pre_updates"


def upgrade() -> None:
    op.execute(files("ioc.store.migrations").joinpath("0023_tiles.sql").read_text("utf-8"))
