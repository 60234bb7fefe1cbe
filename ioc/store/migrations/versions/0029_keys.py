"""The keys by which devices sign in at the broker, as the broker's hashes."""

from importlib.resources import files

from alembic import op

revision = "0029_pre_keys"
down_revision = "0028_pre_register"


def upgrade() -> None:
    op.execute(files("ioc.store.migrations").joinpath("0029_keys.sql").read_text("utf-8"))
