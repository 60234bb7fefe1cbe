"""When devices and cameras worked."""

from importlib.resources import files

from alembic import op

revision = "0032_pre_availability"
down_revision = "0031_pre_secrets"


def upgrade() -> None:
    op.execute(files("ioc.store.migrations").joinpath("0032_availability.sql").read_text("utf-8"))
