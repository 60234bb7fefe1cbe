"""The life of an incident: steps, comments, checklists, verdicts."""

from importlib.resources import files

from alembic import op

revision = "0013_pre_steps"
down_revision = "0012_pre_correlation"


def upgrade() -> None:
    op.execute(files("ioc.store.migrations").joinpath("0013_steps.sql").read_text("utf-8"))
