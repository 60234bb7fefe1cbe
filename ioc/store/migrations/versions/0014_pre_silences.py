"""Silences, and what each hid."""

from importlib.resources import files

from alembic import op

revision = "0014_pre_silences"
down_revision = "0013_pre_steps"


def upgrade() -> None:
    op.execute(files("ioc.store.migrations").joinpath("0014_silences.sql").read_text("utf-8"))
