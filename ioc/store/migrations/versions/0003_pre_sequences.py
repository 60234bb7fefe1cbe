"""Which sequence numbers of each device are here: gaps and receipts."""

from importlib.resources import files

from alembic import op

revision = "0003_pre_sequences"
down_revision = "0002_pre_storage"


def upgrade() -> None:
    op.execute(files("ioc.store.migrations").joinpath("0003_sequences.sql").read_text("utf-8"))
