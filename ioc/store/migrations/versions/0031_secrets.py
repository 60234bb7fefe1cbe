"""Addresses of cameras, sealed with a key that is not in the database."""

from importlib.resources import files

from alembic import op

revision = "0031_pre_secrets"
down_revision = "0030_pre_enrolment"


def upgrade() -> None:
    op.execute(files("ioc.store.migrations").joinpath("0031_secrets.sql").read_text("utf-8"))
