"""The columns that the record of a device and that of a camera have alike (0028_register.sql)."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, TIMESTAMP, UUID


def record() -> tuple[sa.Column[Any], ...]:
    """The columns anew, for one table each."""
    return (
        sa.Column("lifecycle", sa.Text),
        sa.Column("version", sa.Integer),
        sa.Column("maker", sa.Text),
        sa.Column("model", sa.Text),
        sa.Column("serial", sa.Text),
        sa.Column("firmware", sa.Text),
        sa.Column("contract", sa.Text),
        sa.Column("warranty_until", sa.Date),
        sa.Column("installed_on", sa.Date),
        sa.Column("photo", UUID(as_uuid=True)),
        sa.Column("tags", ARRAY(sa.Text)),
        sa.Column("conformity", sa.Text),
        sa.Column("password_changed_on", sa.Date),
        sa.Column("notice_posted_on", sa.Date),
        sa.Column("purpose", sa.Text),
        sa.Column("retention", sa.Text),
        sa.Column("updated_at", TIMESTAMP(timezone=True)),
        sa.Column("updated_by", sa.Text),
    )
