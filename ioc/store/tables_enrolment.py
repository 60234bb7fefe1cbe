"""The tables of enrolment (0030_enrolment.sql)."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import BYTEA, JSONB, TIMESTAMP, UUID

from ioc.store.tables import METADATA


def _texts(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Text) for name in names]


def _times(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, TIMESTAMP(timezone=True)) for name in names]


CODES = sa.Table(
    "enrolment_codes",
    METADATA,
    sa.Column("digest", BYTEA, primary_key=True),
    sa.Column("id", UUID(as_uuid=True)),
    *_texts("subject", "centre", "area", "profile", "kind", "note", "made_by"),
    *_times("made_at", "expires_at", "revoked_at"),
)

ENROLMENTS = sa.Table(
    "enrolments",
    METADATA,
    sa.Column("id", UUID(as_uuid=True), primary_key=True),
    sa.Column("code_digest", BYTEA),
    sa.Column("ticket", BYTEA),
    *_texts("subject", "centre", "area", "state"),
    sa.Column("said", JSONB),
    sa.Column("address", sa.Text),
    *_times("arrived_at", "decided_at"),
    *_texts("decided_by", "reason", "thing"),
    *_times("collected_at"),
)
