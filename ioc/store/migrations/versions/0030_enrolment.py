"""Codes by which devices enrol themselves, and those who wait to be let in."""

from importlib.resources import files

from alembic import op

revision = "0030_pre_enrolment"
down_revision = "0029_pre_keys"


def upgrade() -> None:
    op.execute(files("ioc.store.migrations").joinpath("0030_enrolment.sql").read_text("utf-8"))
