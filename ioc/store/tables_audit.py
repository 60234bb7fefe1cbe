"""The tables of the audit trail."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import BYTEA, JSONB

from ioc.store.tables import METADATA, _counter, _scope, _time

AUDIT = sa.Table(
    "audit",
    METADATA,
    _counter("id"),
    _time("at"),
    *(sa.Column(name, sa.Text) for name in ("who", "act", "kind", "thing")),
    *_scope(),
    *(sa.Column(name, sa.Text) for name in ("address", "outcome")),
    sa.Column("before", JSONB),
    sa.Column("after", JSONB),
    sa.Column("text", sa.Text),
    sa.Column("seq", sa.BigInteger),
    sa.Column("previous", BYTEA),
    sa.Column("hash", BYTEA),
    _time("sealed_at"),
)

AUDIT_HEAD = sa.Table(
    "audit_head",
    METADATA,
    sa.Column("one", sa.Boolean, primary_key=True),
    sa.Column("seq", sa.BigInteger),
    sa.Column("hash", BYTEA),
    _time("sealed_at"),
)
