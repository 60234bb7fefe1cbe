"""Changes of the register: the row, where the thing stands from now on, its history and the audit trail, all or none.

Every way into the register goes through `register_thing` and `change_thing`: the API, spreadsheets, enrolment, the
command line, and the release of new areas. Rows are written in the transaction's scope, and PostgreSQL refuses what is
not the writer's, so whoever serves people asks `Scope.reaches` first. Call `tell` last: other writers of the change log
wait for it.
"""

import datetime as dt
import functools
from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql.dml import ReturningInsert

from cameras.place import field_of_view
from gis.layers import CAMERAS as CAMERA_LAYER
from gis.layers import DEVICES as DEVICE_LAYER
from gis.position import Position
from ioc.foreign import eye_of
from ioc.registration import lifecycle
from ioc.registration.record import AnyRecord, Author, Entry, Subject, changes
from ioc.registration.record import Change as Changed
from ioc.store import audit, freshness, placing_many, register_rows
from ioc.store.camera_states import GONE
from ioc.store.changes import Change, record
from ioc.store.database import Transaction
from ioc.store.layers import features_of
from ioc.store.placing import Placed
from ioc.store.register_rows import COLUMNS, TABLES
from ioc.store.registry import CHANNEL, point
from ioc.store.statements import inserting, notifying
from ioc.store.tables import POSITIONS
from ioc.store.tables_register import REGISTER_LOG

LAYERS = {"device": DEVICE_LAYER, "camera": CAMERA_LAYER}


class TakenError(Exception):
    """A thing of this code is registered already, perhaps where the writer does not see it; the text is the code."""


class StaleError(Exception):
    """The record has changed since it was read; `current` is it as it is now."""

    def __init__(self, current: AnyRecord) -> None:
        super().__init__(f"{current.code} has version {current.version}; look at it and try again")
        self.current = current


class Kept(msgspec.Struct, frozen=True):
    """A record before a change (None: it is new) and after it."""

    before: AnyRecord | None
    after: AnyRecord

    @property
    def same(self) -> bool:
        """Whether nothing was to be changed, so that nothing was."""
        return self.before is not None and self.before.version == self.after.version


async def placed(transaction: Transaction, position: Position, day: dt.date) -> Placed | None:
    """Whose a place is: the smallest unit that holds it on a local day, and the centre that serves it.

    None when it is not near any unit (`placing.NEAR_M`).
    """
    [one] = await placing_many.owners(transaction, [position], day)
    if one.centre is None or one.area is None:
        return None
    return Placed(centre=one.centre, area=one.area, area_name=one.name, position=position, reach_m=0.0)


async def serves(transaction: Transaction, centre: str, area: str) -> bool:
    """Whether a centre serves an area: it is listed for it, or the centre is that of a province."""
    return bool(await transaction.connection.fetchval(_SERVES, centre, area))


_SERVES = """
select exists (select from centre_areas where centre = $1 and area = $2)
  or exists (select from centres where code = $1 and kind = 'province')
"""


async def register_thing(
    transaction: Transaction, made: AnyRecord, *, by: Author, now: dt.datetime, act: str = "register", reason: str = ""
) -> Kept:
    """Enter a new record with whatever life cycle it has. Raises TakenError; then the transaction goes on as before."""
    made = standing(None, msgspec.structs.replace(made, version=1, updated_at=now, updated_by=by.login), now)
    row = row_of(made) | view_of(None, made)
    statement = _adding(made.subject)
    if await transaction.row(statement, **row) is None:
        raise TakenError(made.code)
    kept = Kept(None, made)
    await _stand(transaction, made, now)
    await _note(transaction, kept, by, now, act, reason)
    return kept


async def change_thing(
    transaction: Transaction, wanted: AnyRecord, *, by: Author, now: dt.datetime, act: str = "change", reason: str = ""
) -> Kept:
    """Make a record what is wanted; `wanted.version` is the version that was read. What changes nothing does nothing.

    Raises StaleError, and LookupError when it is not registered, or not in this scope.
    """
    before = await register_rows.one(transaction, wanted.subject, wanted.code, lock=True)
    if before is None:
        raise LookupError(f"no {wanted.subject} {wanted.code} is registered here")
    if before.version != wanted.version:
        raise StaleError(before)
    if not changes(before, wanted):
        return Kept(before, before)
    after = msgspec.structs.replace(wanted, version=before.version + 1, updated_at=now, updated_by=by.login)
    after = standing(before, after, now)
    row = row_of(after) | view_of(before, after)
    await transaction.run(_renewing(after.subject, tuple(row)), **row)
    if (before.position, before.centre, before.area) != (after.position, after.centre, after.area):
        await _stand(transaction, after, now)
    if after.subject == "device" and begins(before, after):
        await freshness.judge_devices(transaction, [after.code], now)
        after = await register_rows.one(transaction, "device", after.code) or after
    kept = Kept(before, after)
    await _note(transaction, kept, by, now, act, reason)
    return kept


def begins(before: AnyRecord | None, after: AnyRecord) -> bool:
    """Whether it works from this change on."""
    return lifecycle.works(after.lifecycle) and (before is None or not lifecycle.works(before.lifecycle))


def standing(before: AnyRecord | None, after: AnyRecord, now: dt.datetime) -> AnyRecord:
    """The record with the state that its life cycle gives it; what works on keeps what is seen of it."""
    if before is not None and lifecycle.works(before.lifecycle) == lifecycle.works(after.lifecycle):
        return msgspec.structs.replace(after, state=before.state, state_since=before.state_since)
    idle = "silent" if after.subject == "camera" else "suspended"
    heard = "silent" if after.subject == "camera" else "lost"
    state = heard if lifecycle.works(after.lifecycle) else idle
    return msgspec.structs.replace(after, state=state, state_since=now)


def row_of(record: AnyRecord) -> dict[str, Any]:
    """The columns of a record as the database has them; its place as EWKT."""
    values = {name: getattr(record, name) for name in COLUMNS[record.subject]}
    values |= {"tags": list(record.tags), "geom": point(record.position)}
    return values | {"settings": dict(record.settings)} if record.subject == "camera" else values


def view_of(before: AnyRecord | None, record: AnyRecord) -> dict[str, Any]:
    """Of a camera: the ground that it sees; and that nobody misses one that is not in use."""
    if record.subject == "device":
        return {}
    ring = tuple(field_of_view(eye_of(record)) or ())
    corners = ", ".join(f"{corner.lon} {corner.lat}" for corner in ring)
    view = {"view": f"SRID=4326;POLYGON(({corners}))" if ring else None}
    if before is not None and lifecycle.works(before.lifecycle) == lifecycle.works(record.lifecycle):
        return view
    return view | {"reason": "" if lifecycle.works(record.lifecycle) else GONE, "down_since": None}


@functools.cache
def _adding(subject: Subject) -> ReturningInsert[Any]:
    table = TABLES[subject]
    names = [*COLUMNS[subject], "geom"] + (["view", "reason", "down_since"] if subject == "camera" else [])
    made = insert(table).values({name: sa.bindparam(name) for name in names})
    return made.on_conflict_do_nothing().returning(table.c.code)


@functools.cache
def _renewing(subject: Subject, names: tuple[str, ...]) -> sa.Update:
    table = TABLES[subject]
    values: dict[str, Any] = {name: sa.bindparam(name) for name in names if name != "code"}
    return sa.update(table).where(table.c.code == sa.bindparam("code", type_=sa.Text)).values(values)


@functools.cache
def _standing_at() -> sa.Insert:
    names = ("code", "subject", "valid_from", "centre", "area", "geom")
    made = insert(POSITIONS).values({name: sa.bindparam(name) for name in names})
    again = {name: made.excluded[name] for name in ("subject", "centre", "area", "geom")}
    return made.on_conflict_do_update(index_elements=["code", "valid_from"], set_=again)


async def _stand(transaction: Transaction, record: AnyRecord, now: dt.datetime) -> None:
    """Where it stands from now on; what it did before stays where it was."""
    where = {"centre": record.centre, "area": record.area, "geom": point(record.position)}
    about = {"code": record.code, "subject": record.subject, "valid_from": now}
    await transaction.run(_standing_at(), **about, **where)


async def _note(transaction: Transaction, kept: Kept, by: Author, now: dt.datetime, act: str, reason: str) -> None:
    """The history, the audit trail, and a word to those who hold the register in memory."""
    await transaction.run(inserting(REGISTER_LOG), **line_of(kept, by, now, act, reason))
    await audit.record(transaction, deed_of(kept, by, act, reason), now)
    await transaction.run(notifying(CHANNEL))


def line_of(kept: Kept, by: Author, now: dt.datetime, act: str, reason: str) -> dict[str, Any]:
    """The row of a change in the history."""
    after, said = kept.after, [msgspec.to_builtins(one) for one in changes(kept.before, kept.after)]
    about = {"subject": after.subject, "code": after.code, "version": after.version}
    return about | {"at": now, "who": by.login, "act": act, "reason": reason, "changes": said}


def deed_of(kept: Kept, by: Author, act: str, reason: str) -> audit.Deed:
    """What the audit trail keeps of a change."""
    after, differs = kept.after, changes(kept.before, kept.after)
    return audit.Deed(
        act=f"{after.subject}.{act}",
        who=by.login,
        kind=after.subject,
        thing=after.code,
        centre=after.centre,
        area=after.area,
        address=by.address,
        before=None if kept.before is None else {one.field: one.before for one in differs},
        after={one.field: one.after for one in differs},
        text=reason,
    )


async def tell(transaction: Transaction, kept: Sequence[Kept], now: dt.datetime) -> None:
    """Tell maps and live walls of changes; what they no longer show is removed from them."""
    told: list[Change] = []
    for subject in ("device", "camera"):
        some = [one for one in kept if one.after.subject == subject and not one.same]
        codes = [one.after.code for one in some if one.after.lifecycle in lifecycle.SHOWN]
        features = {found["id"]: found for found in await features_of(transaction, LAYERS[subject], codes)}
        for one in some:
            feature, was = features.get(one.after.code), one.before
            if feature is None and (was is None or was.lifecycle not in lifecycle.SHOWN):
                continue
            told.append(_change(one, feature, now))
    await record(transaction, told)


def _change(kept: Kept, feature: dict[str, Any] | None, now: dt.datetime) -> Change:
    before, after = kept.before, kept.after
    moved = before is not None and (before.centre, before.area) != (after.centre, after.area)
    gone: dict[str, Any] = {"type": "Feature", "id": after.code, "geometry": None, "properties": {}}
    return Change(
        subject=after.subject,
        subject_id=after.code,
        op="removed" if feature is None else "put",
        centre=after.centre,
        area=after.area,
        at=now,
        value=gone if feature is None else feature,
        centre_before=before.centre if moved and before is not None else None,
        area_before=before.area if moved and before is not None else None,
    )


async def history(
    transaction: Transaction, subject: Subject, code: str, *, limit: int = 500, before: int | None = None
) -> list[Entry]:
    """What was changed of a record, newest first, below a version."""
    log = REGISTER_LOG
    wanted = sa.select(log).where(log.c.subject == subject, log.c.code == code)
    if before is not None:
        wanted = wanted.where(log.c.version < before)
    return [
        Entry(
            at=row["at"],
            version=row["version"],
            by=row["who"],
            act=row["act"],
            reason=row["reason"],
            changes=tuple(msgspec.convert(row["changes"], list[Changed])),
        )
        for row in await transaction.rows(wanted.order_by(log.c.id.desc()).limit(limit))
    ]
