"""Clips and pictures of evidence: classes, legal hold, a bound on disk."""

from importlib.resources import files

from alembic import op

revision = "0007_pre_evidence"
down_revision = "0006_pre_sightings"


def upgrade() -> None:
    op.execute(files("ioc.store.migrations").joinpath("0007_evidence.sql").read_text("utf-8"))
