"""What counting the incidents of a box needs: their places as numbers, and an index that answers alone."""

from importlib.resources import files

from alembic import op

revision = "0027_pre_counts"
down_revision = "0026_pre_search"


def upgrade() -> None:
    op.execute(files("ioc.store.migrations").joinpath("0027_counts.sql").read_text("utf-8"))
