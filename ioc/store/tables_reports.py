"""The tables of what citizens and agencies say."""

from typing import Any

import sqlalchemy as sa
from geoalchemy2 import Geometry
from sqlalchemy.dialects.postgresql import ARRAY, TIMESTAMP, UUID

from ioc.store.tables import METADATA


def _time(name: str) -> sa.Column[Any]:
    return sa.Column(name, TIMESTAMP(timezone=True))


def _texts(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Text) for name in names]


REPORTS = sa.Table(
    "reports",
    METADATA,
    sa.Column("id", UUID(as_uuid=True), primary_key=True),
    *_texts("centre", "area", "channel", "number"),
    _time("at"),
    _time("arrived_at"),
    *_texts("category", "severity", "text", "place"),
    sa.Column("error_m", sa.Float),
    sa.Column("photos", ARRAY(UUID(as_uuid=True))),
    sa.Column("numbers", ARRAY(sa.Text)),
    *_texts("entered_by"),
    _time("withdrawn_at"),
    *_texts("withdrawn_by", "withdrawn_why"),
    sa.Column("geom", Geometry("POINT", srid=4326, spatial_index=False)),
)

REPORTERS = sa.Table(
    "reporters",
    METADATA,
    sa.Column("report", UUID(as_uuid=True), primary_key=True),
    *_texts("centre", "area"),
    _time("at"),
    *_texts("name", "phone"),
)
"""Who a report is of, apart from it: personal data, for those alone who may step on reports."""

NOTICES = sa.Table(
    "notices",
    METADATA,
    sa.Column("id", UUID(as_uuid=True), primary_key=True),
    *_texts("centre", "area", "sender", "identifier"),
    _time("sent"),
    _time("arrived_at"),
    *_texts("feed", "entered_by", "status", "kind"),
    sa.Column("thread", UUID(as_uuid=True)),
    sa.Column("refers", ARRAY(sa.Text)),
    sa.Column("refers_sent", ARRAY(TIMESTAMP(timezone=True))),
    sa.Column("refers_sender", ARRAY(sa.Text)),
    *_texts("category", "event", "severity", "urgency", "certainty", "headline", "headline_en"),
    *_texts("description", "instruction", "place"),
    sa.Column("error_m", sa.Float),
    _time("onset"),
    _time("expires"),
    sa.Column("over", sa.Boolean),
    sa.Column("numbers", ARRAY(sa.Text)),
    sa.Column("geom", Geometry("POINT", srid=4326, spatial_index=False)),
    sa.Column("shape", Geometry("GEOMETRY", srid=4326, spatial_index=False)),
)
