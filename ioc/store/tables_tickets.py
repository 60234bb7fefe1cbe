"""The tables of tickets: as they are, their log, and how long each unit had them."""

from typing import Any

import sqlalchemy as sa
from geoalchemy2 import Geometry
from sqlalchemy.dialects.postgresql import ARRAY, TIMESTAMP, UUID

from ioc.store.tables import METADATA


def _time(name: str) -> sa.Column[Any]:
    return sa.Column(name, TIMESTAMP(timezone=True))


def _texts(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Text) for name in names]


_NEXT = (
    "case when state in ('new', 'reopened') then least(accept_by, due_at) "
    "when state in ('accepted', 'working', 'waiting') then due_at end"
)

TICKETS = sa.Table(
    "tickets",
    METADATA,
    sa.Column("id", UUID(as_uuid=True), primary_key=True),
    sa.Column("number", sa.BigInteger),
    *_texts("centre", "area", "camera"),
    sa.Column("version", sa.Integer),
    *(sa.Column(name, UUID(as_uuid=True)) for name in ("incident", "parent")),
    *_texts("unit", "sender", "area_code", "area_name", "title", "title_en", "task", "category", "severity", "state"),
    *_texts("owner", "team", "waiting_why", "resolved_by", "verified_by", "result"),
    *(sa.Column(name, sa.Integer) for name in ("bounces", "reopens", "policy", "generation")),
    *(_time(name) for name in ("opened_at", "received_at", "updated_at", "accept_by", "due_at", "accepted_at")),
    *(_time(name) for name in ("started_at", "waiting_since", "resolved_at", "verified_at", "closed_at")),
    sa.Column("rest_s", sa.Float),
    sa.Column("next_at", TIMESTAMP(timezone=True), sa.Computed(_NEXT, persisted=True)),
    sa.Column("geom", Geometry("POINT", srid=4326, spatial_index=False)),
    sa.Column(
        "geom3857",
        Geometry("GEOMETRY", srid=3857, spatial_index=False),
        sa.Computed("st_transform(geom, 3857)", persisted=True),
    ),
)

TICKET_LOG = sa.Table(
    "ticket_log",
    METADATA,
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("ticket", UUID(as_uuid=True)),
    _time("at"),
    sa.Column("version", sa.Integer),
    *_texts("who", "what", "text", "to", "unit", "state", "severity", "from_unit"),
    *(_time(name) for name in ("accept_by", "due_at", "made_at")),
    sa.Column("public", sa.Boolean),
    sa.Column("photos", ARRAY(UUID(as_uuid=True))),
)

TICKET_STAYS = sa.Table(
    "ticket_stays",
    METADATA,
    sa.Column("ticket", UUID(as_uuid=True), primary_key=True),
    sa.Column("stay", sa.Integer, primary_key=True),
    *_texts("centre", "area", "unit", "category", "severity", "how"),
    *(_time(name) for name in ("received_at", "accept_by", "due_at", "accepted_at", "left_at")),
)
