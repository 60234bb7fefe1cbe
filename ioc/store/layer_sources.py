"""The relations behind the layers, and their columns by the names that the descriptions use."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from gis.layer import Layer
from gis.layers import QUALITIES
from ioc.store import tables
from ioc.store.ordering import STAMP
from ioc.store.tables_tickets import TICKETS


def _quality(column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    return sa.case(dict(enumerate(QUALITIES)), value=column)


def _latest_values() -> sa.ColumnElement[Any]:
    streams, latest = tables.STREAMS, tables.LATEST
    at = sa.func.to_char(sa.func.timezone("UTC", latest.c.at), sa.literal_column("""'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'"""))
    value = sa.func.jsonb_build_object(
        sa.literal_column("'value'"),
        latest.c.value,
        sa.literal_column("'unit'"),
        streams.c.unit,
        sa.literal_column("'at'"),
        at,
        sa.literal_column("'quality'"),
        _quality(latest.c.quality),
        sa.literal_column("'freshness'"),
        streams.c.state,
        sa.literal_column("'derived'"),
        latest.c.derived,
    )
    found = (
        sa.select(sa.func.jsonb_object_agg(streams.c.property, value))
        .select_from(streams.join(latest, latest.c.stream == streams.c.id))
        .where(streams.c.device == tables.DEVICES.c.code)
        .correlate(tables.DEVICES)
        .scalar_subquery()
    )
    return sa.func.coalesce(found, sa.literal_column("'{}'::jsonb"), type_=JSONB)


def _observations() -> tuple[sa.FromClause, dict[str, sa.ColumnElement[Any]]]:
    latest, streams, devices = tables.LATEST, tables.STREAMS, tables.DEVICES
    source = latest.join(streams, streams.c.id == latest.c.stream).join(devices, devices.c.code == streams.c.device)
    columns: dict[str, sa.ColumnElement[Any]] = {
        **{column.name: column for column in devices.c},
        **{column.name: column for column in streams.c},
        **{column.name: column for column in latest.c},
    }
    now = sa.bindparam("now", type_=STAMP)
    columns["age_s"] = sa.func.round(sa.extract("epoch", now - latest.c.at), 1).cast(sa.Float)
    columns["quality"] = _quality(latest.c.quality)
    columns["freshness"] = streams.c.state
    return source, columns


def relation_of(layer: Layer) -> tuple[sa.FromClause, dict[str, sa.ColumnElement[Any]]]:
    """The relation of a layer and its columns by the names that the description uses."""
    if layer.relation == "observations_latest":
        relation, columns = _observations()
    else:
        relation = TICKETS if layer.relation == TICKETS.name else tables.METADATA.tables[layer.relation]
        columns = {column.name: column for column in relation.c}
    if layer.relation == "devices":
        columns["latest"] = _latest_values()
    if "area_code" not in columns and "area" in columns:
        columns["area_code"] = sa.func.split_part(columns["area"], "@", 1)
    return relation, columns
