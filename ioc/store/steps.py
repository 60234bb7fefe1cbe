"""Steps that people take on an incident, each with its log entry and change in one transaction."""

import datetime as dt
import uuid
from typing import Literal

import msgspec
import sqlalchemy as sa

from gis.layers import INCIDENTS as LAYER
from ioc.store import audit, layers
from ioc.store.changes import Change, record
from ioc.store.database import Transaction
from ioc.store.statements import inserting
from ioc.store.tables import INCIDENT_LOG, INCIDENTS

Outcome = Literal["done", "missing", "stale", "wrong-state"]

_STATE = ("status", "owner", "version")
_TAKES_ACKNOWLEDGEMENT = ("new", "reopened")


async def acknowledge(
    transaction: Transaction,
    id: uuid.UUID,  # noqa: A002
    *,
    expected_version: int,
    who: str,
    now: dt.datetime,
    address: str = "",
) -> Outcome:
    """Take an incident over: `acknowledged`, owned by `who` at `address`. The row is locked: the first of two wins."""
    row = await transaction.row(
        sa.select(*(INCIDENTS.c[name] for name in (*_STATE, "centre", "area")))
        .where(INCIDENTS.c.id == id)
        .with_for_update()
    )
    if row is None:
        return "missing"
    if row["version"] != expected_version:
        return "stale"
    if row["status"] not in _TAKES_ACKNOWLEDGEMENT:
        return "wrong-state"
    after = {"status": "acknowledged", "owner": who, "version": row["version"] + 1}
    await transaction.run(sa.update(INCIDENTS).where(INCIDENTS.c.id == id).values(**after, updated_at=now))
    scope = {"centre": row["centre"], "area": row["area"]}
    await transaction.run(inserting(INCIDENT_LOG), incident=id, **scope, at=now, who=who, what="acknowledged", text="")
    deed = audit.Deed(act="incident.acknowledge", who=who, kind="incident", thing=str(id), address=address, **scope)
    before = {name: row[name] for name in _STATE}
    await audit.record(transaction, msgspec.structs.replace(deed, before=before, after=after), now)
    (feature,) = await layers.features_of(transaction, LAYER, [str(id)])
    change = Change(subject="incident", subject_id=str(id), op="put", at=now, value=feature, **scope)
    await record(transaction, [change])
    return "done"
