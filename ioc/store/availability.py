"""When devices and cameras worked, as PostgreSQL keeps it, and what they are called."""

import datetime as dt
from typing import Any

import msgspec
import sqlalchemy as sa

from ioc.registration.availability import Working
from ioc.store.database import Transaction
from ioc.store.tables import CAMERAS, CENTRES, DEVICES
from ioc.store.tables_availability import WORKINGS

_SPAN = ("subject", "code", "centre", "what", "began", "ended", "state", "reason")


class Named(msgspec.Struct, frozen=True, kw_only=True):
    """A device or camera as it is called now, and how it is."""

    name: str
    kind: str
    state: str
    state_since: dt.datetime


async def spans(
    transaction: Transaction, since: dt.datetime, until: dt.datetime, centre: str, subject: str, code: str = ""
) -> list[Working]:
    """The spans that reach into an interval, in the order in which they began; empty texts choose nothing."""
    wanted = [WORKINGS.c.began < until, sa.or_(WORKINGS.c.ended.is_(None), WORKINGS.c.ended > since)]
    wanted += [WORKINGS.c.centre == centre] if centre else []
    wanted += [WORKINGS.c.subject == subject] if subject else []
    wanted += [WORKINGS.c.code == code] if code else []
    columns = [WORKINGS.c[name] for name in _SPAN]
    rows = await transaction.rows(sa.select(*columns).where(*wanted).order_by(WORKINGS.c.began, WORKINGS.c.id))
    return [Working(**{name: row[name] for name in _SPAN}) for row in rows]


async def names(transaction: Transaction) -> dict[tuple[str, str], Named]:
    """Every device and camera by subject and code."""
    found: dict[tuple[str, str], Named] = {}
    tables: tuple[tuple[str, sa.Table], ...] = (("device", DEVICES), ("camera", CAMERAS))
    for subject, table in tables:
        columns = [table.c[name] for name in ("code", *Named.__struct_fields__)]
        for row in await transaction.rows(sa.select(*columns)):
            plain: dict[str, Any] = {name: row[name] for name in Named.__struct_fields__}
            found[subject, row["code"]] = Named(**plain)
    return found


async def centres(transaction: Transaction) -> dict[str, tuple[str, str]]:
    """Names of the centres in Vietnamese and English."""
    rows = await transaction.rows(sa.select(CENTRES.c.code, CENTRES.c.name, CENTRES.c.name_en))
    return {row["code"]: (row["name"], row["name_en"]) for row in rows}
