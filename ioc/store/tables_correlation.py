"""The tables of correlation: where incidents reach, and what they are to each other."""

from typing import Any

import sqlalchemy as sa
from geoalchemy2 import Geometry
from sqlalchemy.dialects.postgresql import TIMESTAMP, UUID

from ioc.store.tables import METADATA


def _time(name: str) -> sa.Column[Any]:
    return sa.Column(name, TIMESTAMP(timezone=True))


def _incident(name: str = "incident", **options: Any) -> sa.Column[Any]:
    return sa.Column(name, UUID(as_uuid=True), primary_key=True, **options)


def _key(name: str, kind: type[Any] = sa.Text) -> sa.Column[Any]:
    return sa.Column(name, kind, primary_key=True)


INCIDENT_REACH = sa.Table(
    "incident_reach",
    METADATA,
    _incident(),
    *(_time(name) for name in ("first_at", "newest_at", "active_until", "over_at")),
)

INCIDENT_CELLS = sa.Table(
    "incident_cells",
    METADATA,
    _incident(),
    _key("category"),
    _key("source"),
    _key("x", sa.Integer),
    _key("y", sa.Integer),
    _time("first_at"),
    sa.Column(
        "geom",
        Geometry("POINT", srid=4326, spatial_index=False),
        sa.Computed("st_setsrid(st_makepoint(x / 100000.0, y / 100000.0), 4326)", persisted=True),
    ),
)

INCIDENT_RELATIONS = sa.Table(
    "incident_relations",
    METADATA,
    _incident(),
    _incident("other"),
    _key("kind"),
    _time("at"),
    sa.Column("who", sa.Text),
)
