"""What a sighting tells beyond its moment: phase, count, speed, clip."""

from importlib.resources import files

from alembic import op

revision = "0006_pre_sightings"
down_revision = "0005_pre_gateways"


def upgrade() -> None:
    op.execute(files("ioc.store.migrations").joinpath("0006_sightings.sql").read_text("utf-8"))
