"""The change log: an after-image of every change under one rising id; the live stream's one source."""

import datetime as dt
import functools
from collections.abc import Mapping, Sequence
from typing import Any, LiteralString

import msgspec
import sqlalchemy as sa

from gis.layer import Layer
from gis.layers import OPEN_STATUSES, UNSHOWN
from ioc.access.scope import Scope, Thing
from ioc.store.database import Database, Row, Transaction
from ioc.store.layers import features_of
from ioc.store.readings import Owner
from ioc.store.statements import Prepared, bound, locking, prepare
from ioc.store.tables import CHANGES
from ioc.store.tables_past import PAST_PICTURES

CHANNEL = "ioc_changes"
"""NOTIFY channel that only wakes readers; the log itself tells what changed."""

LOCK = 7_235_004
"""Advisory lock from a writer's first change to its commit, so that ids become visible in their order."""


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One change. `value` is the whole GeoJSON feature after it; `version` is its place in the log.

    `centre_before` and `area_before` are set when the thing moved between centres or areas, so that those who
    saw it learn that it left; one alone means that the other stayed.
    """

    subject: str
    subject_id: str
    op: str
    centre: str
    area: str
    at: dt.datetime
    value: dict[str, Any]
    centre_before: str | None = None
    area_before: str | None = None
    version: int = 0

    @property
    def thing(self) -> Thing:
        """What the policy is asked about: read from the after-image, so that no writer can forget it."""
        about: dict[str, Any] = self.value.get("properties") or {}
        ended = None
        if self.subject == "alarm":
            ended = about.get("cleared_at")
        elif self.subject == "incident":
            ended = None if about.get("status", "new") in OPEN_STATUSES else about.get("updated_at")
        elif self.subject in ("silence", "ticket"):
            ended = about.get("ends" if self.subject == "silence" else "closed_at")
        at = None if ended is None else dt.datetime.fromisoformat(ended)
        return Thing(self.subject, self.centre, self.area, self.camera, at)

    @property
    def camera(self) -> str | None:
        """The camera that the thing is, or is seen by alone."""
        about: dict[str, Any] = self.value.get("properties") or {}
        if self.subject == "camera":
            return self.subject_id
        if self.subject == "alarm":
            return about.get("source") if about.get("source_kind") == "camera" else None
        return about.get("camera") if self.subject in ("incident", "ticket") else None

    @property
    def before(self) -> Thing | None:
        """The thing where it was, None when it did not move."""
        if self.centre_before is None and self.area_before is None:
            return None
        return Thing(self.subject, self.centre_before or self.centre, self.area_before or self.area, self.camera)


_SAME = tuple(name for name in Change.__struct_fields__ if name != "version")


def _columns(change: Change) -> dict[str, Any]:
    before = change.before
    moved = {} if before is None else {"centre_before": before.centre, "area_before": before.area}
    return {name: getattr(change, name) for name in _SAME} | moved | {"camera": change.camera}


_WRITTEN = ("subject", "subject_id", "op", "centre", "area", "camera", "centre_before", "area_before", "at", "value")

_RECORD: LiteralString = """
with told as materialized (select pg_notify($11, ''))
insert into changes (subject, subject_id, op, centre, area, camera, centre_before, area_before, at, value)
select n.subject, n.subject_id, n.op, n.centre, n.area, n.camera, n.centre_before, n.area_before, n.at, n.value
from told, unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
     $9::timestamptz[], $10::jsonb[]) with ordinality
  as n (subject, subject_id, op, centre, area, camera, centre_before, area_before, at, value, place)
order by n.place
"""
"""All changes in one statement, in their order: a thousand one by one cost a third of a second."""


async def record(transaction: Transaction, changes: list[Change]) -> None:
    """Write changes in the transaction that made them, and wake the readers at its commit.

    Other writers wait until the transaction ends: do this last.
    """
    if not changes:
        return
    rows = [_columns(change) for change in changes]
    columns = [[row.get(name) for row in rows] for name in _WRITTEN]
    await transaction.run(locking(LOCK))
    await transaction.connection.execute(_RECORD, *columns, CHANNEL)


async def alone(transaction: Transaction) -> None:
    """Let no other change in before the transaction ends, for who reads what things are without holding their rows:
    else an older state could be told after a newer one.
    """
    await transaction.run(locking(LOCK))


async def record_features(
    transaction: Transaction, layer: Layer, codes: Sequence[str], owners: Mapping[str, Owner], at: dt.datetime
) -> None:
    """Write what things of a layer are now, as their map features; those without an owner are passed over, and so are
    those of the register that no map shows."""
    found = await features_of(transaction, layer, [code for code in codes if code in owners])
    features = [one for one in found if one["properties"].get("lifecycle") not in UNSHOWN]
    await record(
        transaction,
        [
            Change(
                subject=layer.subject,
                subject_id=feature["id"],
                op="put",
                centre=owners[feature["id"]].centre,
                area=owners[feature["id"]].area,
                at=at,
                value=feature,
            )
            for feature in features
        ],
    )


@functools.cache
def _after() -> sa.Select[Any]:
    return (
        sa.select(CHANGES)
        .where(CHANGES.c.id > sa.bindparam("version"), CHANGES.c.id <= sa.bindparam("through"))
        .order_by(CHANGES.c.id)
        .limit(sa.bindparam("most", type_=sa.BigInteger))
    )


@functools.cache
def _newest() -> sa.Select[Any]:
    return sa.select(sa.func.coalesce(sa.func.max(CHANGES.c.id), 0))


NEWEST = (1 << 63) - 1
"""Through whatever is there."""


async def after(transaction: Transaction, version: int, limit: int, *, through: int = NEWEST) -> list[Change]:
    """Changes with version < id <= through that the transaction's scope allows, oldest first."""
    rows = await transaction.rows(_after(), version=version, through=through, most=limit)
    return [_change(row) for row in rows]


@functools.cache
def _told() -> Prepared:
    return prepare(_after().where(bound()))


async def told(database: Database, scope: Scope, version: int, limit: int) -> list[Change]:
    """The same of all that is committed, in one exchange with the server.

    A transaction takes four, and each waits for its turn where processes are many: this is asked at every change.
    """
    rows = await database.read_rows(scope, _told(), version=version, through=NEWEST, most=limit)
    return [_change(row) for row in rows]


def _change(row: Row) -> Change:
    return Change(version=row["id"], **{name: row[name] for name in _SAME})


async def newest(transaction: Transaction) -> int:
    """The version of the newest change that the transaction's scope allows; 0 when there is none."""
    version: int = await transaction.value(_newest())
    return version


async def resumes(transaction: Transaction, version: int, since: dt.datetime) -> bool:
    """Whether a reader may go on after a version: the log still has what followed, and it is not too old.

    Needs the scope of the whole installation, else missing rows could be merely hidden. When in doubt (the
    first version that is there does not follow directly) the answer is no: a snapshot is never wrong.
    """
    whole = await transaction.value(sa.select(sa.func.min(PAST_PICTURES.c.change)))
    if whole is not None and version < whole:  # of what came before, only what the oldest picture needs is kept
        return False
    first = await transaction.value(sa.select(sa.func.min(CHANGES.c.id)))
    if first is None or first > version + 1:
        return version == 0 and first is None
    at = await transaction.value(sa.select(CHANGES.c.at).where(CHANGES.c.id >= version).order_by(CHANGES.c.id).limit(1))
    return at is None or at >= since
