"""The tables of the figures of alarms' quality."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP

from ioc.store.tables import METADATA


def _time(name: str, **options: Any) -> sa.Column[Any]:
    return sa.Column(name, TIMESTAMP(timezone=True), **options)


def _place() -> tuple[sa.Column[Any], ...]:
    return (
        _time("hour", primary_key=True),
        sa.Column("centre", sa.Text, primary_key=True),
        sa.Column("area", sa.Text, primary_key=True),
    )


def _numbers(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Integer) for name in names]


ALARM_HOURS = sa.Table(
    "alarm_hours",
    METADATA,
    _time("hour", primary_key=True),
    sa.Column("operators", JSONB),
    _time("made_at"),
)

ALARM_QUALITY = sa.Table(
    "alarm_quality",
    METADATA,
    *_place(),
    sa.Column("alarms", ARRAY(sa.Integer)),
    sa.Column("incidents", ARRAY(sa.Integer)),
    sa.Column("severities", ARRAY(sa.Integer)),
    *_numbers("hidden", "acknowledged", "chattering", "flapping", "standing", "false_alarms"),
)

ALARM_SOURCES = sa.Table(
    "alarm_sources",
    METADATA,
    *_place(),
    sa.Column("source_kind", sa.Text, primary_key=True),
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("source_name", sa.Text),
    *_numbers("alarms", "chattering", "flapping"),
    sa.Column("camera", sa.Text, sa.Computed("case when source_kind = 'camera' then source end", persisted=True)),
)
