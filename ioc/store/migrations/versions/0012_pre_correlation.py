"""Which alarms belong together: where each incident reaches, and what is related."""

from importlib.resources import files

from alembic import op

revision = "0012_pre_correlation"
down_revision = "0011_pre_reports"


def upgrade() -> None:
    op.execute(files("ioc.store.migrations").joinpath("0012_correlation.sql").read_text("utf-8"))
