"""The first tables, their scope, the change log and what outside tests may read.

Runs as ioc_owner. Extensions, roles and leakproof marks need a superuser and are in bootstrap.sql.
"""

from importlib.resources import files

from alembic import op

revision = "0001_pre_ground"
down_revision = None


def upgrade() -> None:
    for name in ("0001_ground.sql", "0001_subtree.sql", "0001_people.sql", "0001_audit.sql", "0001_rights.sql"):
        op.execute(files("ioc.store.migrations").joinpath(name).read_text("utf-8"))
