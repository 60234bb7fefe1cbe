"""The tables as SQLAlchemy Core and GeoAlchemy2 describe them.

Every scoped row carries its centre and its area. Row-level security, partitions and the views for outside
tests are in the migrations; a test holds these descriptions against the migrated database.
"""

from typing import Any

import sqlalchemy as sa
from geoalchemy2 import Geometry
from sqlalchemy.dialects.postgresql import ARRAY, BYTEA, JSONB, REAL, TIMESTAMP, UUID

from ioc.store.record_columns import record

METADATA = sa.MetaData()


def _time(name: str, **options: Any) -> sa.Column[Any]:
    return sa.Column(name, TIMESTAMP(timezone=True), **options)


def _point(name: str = "geom") -> sa.Column[Any]:
    return sa.Column(name, Geometry("POINT", srid=4326, spatial_index=False))


def _scope() -> tuple[sa.Column[Any], sa.Column[Any]]:
    return sa.Column("centre", sa.Text), sa.Column("area", sa.Text)


def _shape(name: str) -> sa.Column[Any]:
    return sa.Column(name, Geometry("GEOMETRY", srid=4326, spatial_index=False))


def _mercator(source: str = "geom", name: str = "geom3857") -> sa.Column[Any]:
    """Web Mercator made by PostgreSQL itself, so that a tile transforms nothing."""
    return sa.Column(
        name,
        Geometry("GEOMETRY", srid=3857, spatial_index=False),
        sa.Computed(f"st_transform({source}, 3857)", persisted=True),
    )


def _ended() -> sa.Column[Any]:
    """When an incident ceased to be open, kept by PostgreSQL itself; null while it is."""
    over = "case when status not in ('new', 'acknowledged', 'in_progress', 'reopened') then updated_at end"
    return sa.Column("ended_at", TIMESTAMP(timezone=True), sa.Computed(over, persisted=True))


def _folded(*names: str) -> sa.Column[Any]:
    """Names to be searched, made by PostgreSQL itself (0026_search.sql): a space before words, a bar behind."""
    made = " || ' | ' || ".join(f"ioc_fold({name})" for name in names)
    return sa.Column("folded", sa.Text, sa.Computed(f"' ' || {made} || ' |'", persisted=True))


def _degrees(name: str, axis: str) -> sa.Column[Any]:
    """Longitude or latitude of a point by itself, kept by PostgreSQL: exact, where `&&` rounds a box outwards."""
    return sa.Column(name, sa.Float, sa.Computed(f"{axis}(geom)", persisted=True))


def _counter(name: str, kind: type[sa.Integer] = sa.BigInteger) -> sa.Column[Any]:
    return sa.Column(name, kind, sa.Identity(always=True), primary_key=True)


AREAS = sa.Table(
    "areas",
    METADATA,
    sa.Column("fid", sa.Text, primary_key=True),
    sa.Column("code", sa.Text),
    sa.Column("name", sa.Text),
    sa.Column("kind", sa.Text),
    sa.Column("level", sa.SmallInteger),
    sa.Column("parent", sa.Text),
    sa.Column("valid_from", sa.Date),
    sa.Column("valid_to", sa.Date),
    sa.Column("successors", ARRAY(sa.Text)),
    _point("label"),
    _shape("geom"),
    _mercator(),
)

CENTRES = sa.Table(
    "centres",
    METADATA,
    sa.Column("code", sa.Text, primary_key=True),
    sa.Column("name", sa.Text),
    sa.Column("name_en", sa.Text),
    sa.Column("kind", sa.Text),
)

CENTRE_AREAS = sa.Table(
    "centre_areas",
    METADATA,
    sa.Column("centre", sa.Text, primary_key=True),
    sa.Column("area", sa.Text, primary_key=True),
)

ACCOUNTS = sa.Table(
    "accounts",
    METADATA,
    sa.Column("id", UUID(as_uuid=True), primary_key=True),
    sa.Column("login", sa.Text),
    sa.Column("name", sa.Text),
    sa.Column("role", sa.Text),
    sa.Column("centre", sa.Text),
    sa.Column("language", sa.Text),
    sa.Column("areas", ARRAY(sa.Text)),
    sa.Column("subtree", ARRAY(sa.Text)),
    sa.Column("former", ARRAY(sa.Text)),
    sa.Column("cameras", ARRAY(sa.Text)),
    sa.Column("span", sa.Text),
    sa.Column("password_hash", sa.Text),
    _time("created_at"),
    _time("disabled_at"),
)

DEVICES = sa.Table(
    "devices",
    METADATA,
    sa.Column("code", sa.Text, primary_key=True),
    *_scope(),
    sa.Column("name", sa.Text),
    sa.Column("kind", sa.Text),
    sa.Column("profile", sa.Text),
    sa.Column("gateway", sa.Text),
    sa.Column("approximate", sa.Boolean),
    sa.Column("note", sa.Text),
    sa.Column("state", sa.Text),
    _time("state_since"),
    _point(),
    _mercator(),
    _folded("name", "code"),
    *record(),
)

POSITIONS = sa.Table(
    "positions",
    METADATA,
    sa.Column("code", sa.Text, primary_key=True),
    sa.Column("subject", sa.Text),
    _time("valid_from", primary_key=True),
    *_scope(),
    _point(),
)

CAMERAS = sa.Table(
    "cameras",
    METADATA,
    sa.Column("code", sa.Text, primary_key=True),
    *_scope(),
    sa.Column("name", sa.Text),
    sa.Column("kind", sa.Text),
    sa.Column("note", sa.Text),
    sa.Column("bearing", sa.Float),
    sa.Column("fov", sa.Float),
    sa.Column("settings", JSONB),
    sa.Column("state", sa.Text),
    _time("state_since"),
    _point(),
    _mercator(),
    _shape("view"),
    _mercator("view", "view3857"),
    sa.Column("reason", sa.Text),
    sa.Column("picture_before", UUID(as_uuid=True)),
    sa.Column("picture_after", UUID(as_uuid=True)),
    _time("down_since"),
    sa.Column("grade", sa.Text),
    sa.Column("fps", REAL),
    sa.Column("fps_expected", REAL),
    sa.Column("reconnects", sa.Integer),
    sa.Column("stalls", sa.Integer),
    _folded("name", "code"),
    sa.Column("link", sa.Text, sa.Computed("coalesce(settings ->> 'link', '')", persisted=True)),
    *record(),
)

STREAMS = sa.Table(
    "streams",
    METADATA,
    _counter("id", sa.Integer),
    sa.Column("centre", sa.Text),
    sa.Column("device", sa.Text),
    sa.Column("property", sa.Text),
    sa.Column("unit", sa.Text),
    sa.Column("retention", sa.SmallInteger),
    sa.Column("state", sa.Text),
    _time("state_since"),
    sa.Column("interval_s", sa.Float),
)

LATEST = sa.Table(
    "latest",
    METADATA,
    sa.Column("stream", sa.Integer, primary_key=True),
    *_scope(),
    _time("at"),
    _time("recorded_at"),
    _time("arrived_at"),
    sa.Column("value", sa.Float),
    sa.Column("quality", sa.SmallInteger),
    sa.Column("derived", sa.Boolean),
)

SIGHTINGS = sa.Table(
    "sightings",
    METADATA,
    sa.Column("id", UUID(as_uuid=True), primary_key=True),
    *_scope(),
    sa.Column("camera", sa.Text),
    sa.Column("run", sa.Text),
    sa.Column("seq", sa.BigInteger),
    _time("at"),
    sa.Column("kind", sa.Text),
    sa.Column("subject", sa.Text),
    sa.Column("direction", sa.Text),
    sa.Column("object_class", sa.Text),
    sa.Column("track", sa.Text),
    sa.Column("box", ARRAY(REAL)),
    sa.Column("error_m", sa.Float),
    sa.Column("media", UUID(as_uuid=True)),
    _time("arrived_at"),
    _point(),
    sa.Column("phase", sa.Text),
    _time("since"),
    _time("last_at"),
    sa.Column("last_seq", sa.BigInteger),
    _time("ended_at"),
    sa.Column("count", sa.Integer),
    sa.Column("share", sa.Float),
    sa.Column("speed_kmh", sa.Float),
    sa.Column("score", sa.Float),
    sa.Column("clip", UUID(as_uuid=True)),
    _time("picture_at"),
    sa.Column("picture_seq", sa.BigInteger),
)

MEDIA = sa.Table(
    "media",
    METADATA,
    sa.Column("id", UUID(as_uuid=True), primary_key=True),
    *_scope(),
    sa.Column("source", sa.Text),
    sa.Column("kind", sa.Text),
    sa.Column("content_type", sa.Text),
    sa.Column("bytes", sa.Integer),
    sa.Column("sha256", BYTEA),
    _time("taken_at"),
    _time("expires_at"),
    sa.Column("retention", sa.Text),
    sa.Column("made", sa.Text),
    sa.Column("seconds", REAL),
    sa.Column("held_by", sa.Text),
    sa.Column("held_why", sa.Text),
    _time("held_since"),
    _time("held_until"),
    _time("checked_at"),
    sa.Column("fault", sa.Text),
)

JOURNAL = sa.Table(
    "journal",
    METADATA,
    _counter("id"),
    sa.Column("kind", sa.Text),
    sa.Column("payload", BYTEA),
    _time("arrived_at"),
)

CURSORS = sa.Table(
    "cursors",
    METADATA,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("through", sa.BigInteger),
)

DEAD_LETTERS = sa.Table(
    "dead_letters",
    METADATA,
    _counter("id"),
    *_scope(),
    sa.Column("topic", sa.Text),
    sa.Column("head", BYTEA),
    sa.Column("bytes", sa.BigInteger),
    sa.Column("sha256", BYTEA),
    sa.Column("code", sa.Text),
    sa.Column("reason", sa.Text),
    _time("arrived_at"),
    sa.Column("source", sa.Text),
    sa.Column("skew_s", sa.Float),
    _time("replayed_at"),
    _time("mended_at"),
    sa.Column("again", sa.Text),
)

PARTS = sa.Table(
    "parts",
    METADATA,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("ready", sa.Boolean),
    sa.Column("state", JSONB),
    _time("seen_at"),
)

LISTENING = sa.Table("listening", METADATA, _time("since", primary_key=True), _time("until"))

RULE_STATES = sa.Table(
    "rule_states",
    METADATA,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("state", JSONB),
)

ALARMS = sa.Table(
    "alarms",
    METADATA,
    sa.Column("id", UUID(as_uuid=True), primary_key=True),
    *_scope(),
    sa.Column("camera", sa.Text, sa.Computed("case when source_kind = 'camera' then source end", persisted=True)),
    _time("cleared_at"),
    sa.Column("key", sa.Text),
    sa.Column("rule", sa.Text),
    sa.Column("category", sa.Text),
    sa.Column("severity", sa.Text),
    sa.Column("source_kind", sa.Text),
    sa.Column("source", sa.Text),
    sa.Column("source_name", sa.Text),
    sa.Column("property", sa.Text),
    _time("raised_at"),
    _time("seen_at"),
    sa.Column("count", sa.Integer),
    sa.Column("evidence", JSONB),
    sa.Column("incident", UUID(as_uuid=True)),
    _point(),
    _mercator(),
    sa.Column("title", sa.Text),
    sa.Column("title_en", sa.Text),
    sa.Column("match", sa.Text),
    sa.Column("numbers", ARRAY(sa.Text)),
    sa.Column("error_m", sa.Float),
)

INCIDENTS = sa.Table(
    "incidents",
    METADATA,
    sa.Column("id", UUID(as_uuid=True), primary_key=True),
    *_scope(),
    sa.Column("camera", sa.Text),
    _ended(),
    sa.Column("version", sa.Integer),
    *(sa.Column(name, sa.Text) for name in ("key", "title", "title_en", "category", "severity", "status", "owner")),
    *(sa.Column(name, sa.Text) for name in ("area_code", "area_name", "resolved_by", "judged", "judged_over")),
    sa.Column("sources", ARRAY(sa.Text)),
    *(sa.Column(name, sa.Integer) for name in ("alarms", "count")),
    *(sa.Column(name, sa.Boolean) for name in ("cleared", "touched", "titled")),
    *(_time(name) for name in ("opened_at", "updated_at", "first_at", "last_at")),
    sa.Column("duplicate_of", UUID(as_uuid=True)),
    _point(),
    _mercator(),
    _folded("title", "coalesce(title_en, '')", "coalesce(area_name, '')"),
    _degrees("place_lon", "st_x"),
    _degrees("place_lat", "st_y"),
)

INCIDENT_LOG = sa.Table(
    "incident_log",
    METADATA,
    _counter("id"),
    sa.Column("incident", UUID(as_uuid=True)),
    *_scope(),
    _time("at"),
    sa.Column("who", sa.Text),
    sa.Column("what", sa.Text),
    sa.Column("text", sa.Text),
    sa.Column("photos", ARRAY(UUID(as_uuid=True))),
)

CHANGES = sa.Table(
    "changes",
    METADATA,
    _counter("id"),
    sa.Column("subject", sa.Text),
    sa.Column("subject_id", sa.Text),
    sa.Column("op", sa.Text),
    *_scope(),
    sa.Column("camera", sa.Text),
    sa.Column("centre_before", sa.Text),
    sa.Column("area_before", sa.Text),
    _time("at"),
    sa.Column("value", JSONB),
    _time("told_at"),
)
