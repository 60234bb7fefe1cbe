"""What citizens and agencies say."""

from importlib.resources import files

from alembic import op

revision = "0011_pre_reports"
down_revision = "0010_pre_rules"


def upgrade() -> None:
    op.execute(files("ioc.store.migrations").joinpath("0011_reports.sql").read_text("utf-8"))
