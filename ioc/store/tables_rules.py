"""The tables of rules: what is in force, every version there was, and the overrides of devices and areas."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP

from ioc.store.tables import METADATA


def _name(**options: Any) -> tuple[sa.Column[Any], sa.Column[Any]]:
    return sa.Column("pack", sa.Text, **options), sa.Column("code", sa.Text, **options)


RULES = sa.Table(
    "rules",
    METADATA,
    *_name(primary_key=True),
    sa.Column("version", sa.Integer),
    sa.Column("enabled", sa.Boolean),
    sa.Column("demo", sa.Boolean),
    sa.Column("shipped", JSONB(none_as_null=True)),
    sa.Column("shipped_version", sa.Integer),
    sa.Column("judged_version", sa.Integer),
)

RULE_VERSIONS = sa.Table(
    "rule_versions",
    METADATA,
    *_name(primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("enabled", sa.Boolean),
    sa.Column("body", JSONB),
    sa.Column("what", sa.Text),
    sa.Column("at", TIMESTAMP(timezone=True)),
    sa.Column("who", sa.Text),
    sa.Column("reason", sa.Text),
)

RULE_OVERRIDES = sa.Table(
    "rule_overrides",
    METADATA,
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    *_name(),
    sa.Column("kind", sa.Text),
    sa.Column("subject", sa.Text),
    sa.Column("centre", sa.Text),
    sa.Column("area", sa.Text),
    sa.Column("first_version", sa.Integer),
    sa.Column("last_version", sa.Integer),
    sa.Column("body", JSONB),
)
