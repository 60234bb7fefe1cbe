"""What stands in units or works for centres, read and written in sets when those cease."""

import datetime as dt
import uuid
from collections.abc import Collection, Mapping, Sequence
from typing import Any, LiteralString

import msgspec
import sqlalchemy as sa

from gis.position import Position
from ioc.registration.record import Subject
from ioc.store import rules
from ioc.store.database import Transaction
from ioc.store.register_rows import TABLES
from ioc.store.registry import CHANNEL
from ioc.store.statements import notifying
from ioc.store.tables import ACCOUNTS
from ioc.store.tables_silences import SILENCES
from ioc.store.tables_tickets import TICKETS
from ioc.tickets.ticket import LIVE


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """A device or camera, where and whose it is; `gateway` speaks for it, empty: it speaks for itself."""

    subject: Subject
    code: str
    name: str
    centre: str
    area: str
    position: Position
    gateway: str = ""


class Placing(msgspec.Struct, frozen=True, kw_only=True):
    """Whose a device or camera is from now on."""

    before: Standing
    centre: str
    area: str


class Named(msgspec.Struct, frozen=True, kw_only=True):
    """Something that names areas: an account, a silence."""

    id: uuid.UUID
    code: str
    name: str
    areas: tuple[str, ...]


async def standing(
    transaction: Transaction, *, areas: Collection[str] | None = None, centre: str | None = None
) -> list[Standing]:
    """The devices and cameras in some units, or of a centre, held against other writers, by code."""
    found = []
    for subject, table in TABLES.items():
        axes = [sa.func.st_x(table.c.geom).label("lon"), sa.func.st_y(table.c.geom).label("lat")]
        gateway = table.c.gateway if "gateway" in table.c else table.c.settings["gateway"].astext
        named = sa.func.coalesce(gateway, "").label("gateway")
        wanted = sa.select(table.c.code, table.c.name, table.c.centre, table.c.area, named, *axes)
        if areas is not None:
            wanted = wanted.where(table.c.area == sa.any_(sa.literal(list(areas), sa.ARRAY(sa.Text))))
        if centre is not None:
            wanted = wanted.where(table.c.centre == centre)
        rows = await transaction.rows(wanted.order_by(table.c.code).with_for_update())
        same = ("code", "name", "centre", "area", "gateway")
        found += [
            Standing(
                subject=subject,
                position=Position(lon=row["lon"], lat=row["lat"]),
                **{name: row[name] for name in same},
            )
            for row in rows
        ]
    return found


_FORMER: LiteralString = """
with gone as (delete from former_topics f using unnest($1::text[], $3::text[]) n (code, centre)
              where f.code = n.code and f.centre = n.centre)
insert into former_topics (code, centre, since)
select code, centre, $4 from unnest($1::text[], $2::text[]) n (code, centre)
on conflict (code, centre) do nothing
"""

_STREAMS: LiteralString = """
update streams s set centre = n.centre from unnest($1::text[], $2::text[]) n (code, centre) where s.device = n.code
"""

_SEQUENCES: LiteralString = """
update sequences s set centre = n.centre from unnest($1::text[], $2::text[]) n (code, centre) where s.device = n.code
"""

_LATEST: LiteralString = """
update latest l set centre = n.centre, area = n.area
from unnest($1::text[], $2::text[], $3::text[]) n (code, centre, area) join streams s on s.device = n.code
where l.stream = s.id
"""


async def follow(transaction: Transaction, moves: Sequence[Placing], now: dt.datetime) -> None:
    """What hangs on devices and cameras that moved: what is newest of them, and that they may go on speaking under
    their former centre's topic."""
    if not moves:
        return
    codes, centres = [one.before.code for one in moves], [one.centre for one in moves]
    await transaction.connection.execute(_STREAMS, codes, centres)
    await transaction.connection.execute(_SEQUENCES, codes, centres)
    await transaction.connection.execute(_LATEST, codes, centres, [one.area for one in moves])
    left = [one for one in moves if one.before.centre != one.centre]
    names = [one.before.code for one in left]
    before, after = [one.before.centre for one in left], [one.centre for one in left]
    await transaction.connection.execute(_FORMER, names, before, after, now)
    await transaction.run(notifying(CHANNEL))


async def live_tickets(
    transaction: Transaction, *, areas: Collection[str] | None = None, centre: str | None = None
) -> list[str]:
    """The ids of tickets of which somebody has something to do, in some units or at a centre."""
    wanted = sa.select(TICKETS.c.id).where(TICKETS.c.state.in_(LIVE))
    if areas is not None:
        wanted = wanted.where(TICKETS.c.area == sa.any_(sa.literal(list(areas), sa.ARRAY(sa.Text))))
    if centre is not None:
        wanted = wanted.where(TICKETS.c.centre == centre)
    return [str(row["id"]) for row in await transaction.rows(wanted.order_by(TICKETS.c.id))]


def _names(column: sa.Column[Any], areas: Collection[str]) -> sa.ColumnElement[bool]:
    return column.op("&&")(sa.literal(list(areas), sa.ARRAY(sa.Text)))


async def accounts_in(transaction: Transaction, areas: Collection[str]) -> list[Named]:
    """The accounts that are bound to some units, held, by login."""
    columns = (ACCOUNTS.c.id, ACCOUNTS.c.login, ACCOUNTS.c.name, ACCOUNTS.c.areas)
    wanted = sa.select(*columns).where(_names(ACCOUNTS.c.areas, areas)).order_by(ACCOUNTS.c.login).with_for_update()
    return [
        Named(id=row["id"], code=row["login"], name=row["name"], areas=tuple(row["areas"]))
        for row in await transaction.rows(wanted)
    ]


async def bind_account(transaction: Transaction, account: uuid.UUID, areas: Sequence[str]) -> None:
    """Bind an account to units; what lies in them follows by itself."""
    await transaction.run(sa.update(ACCOUNTS).where(ACCOUNTS.c.id == account).values(areas=list(areas)))


async def silences_in(transaction: Transaction, areas: Collection[str], now: dt.datetime) -> list[Named]:
    """The silences of some units that are not over, held."""
    ends = sa.func.least(SILENCES.c.until, SILENCES.c.ended_at)
    columns = (SILENCES.c.id, SILENCES.c.reason, SILENCES.c.areas)
    wanted = sa.select(*columns).where(_names(SILENCES.c.areas, areas), ends > now)
    return [
        Named(id=row["id"], code=str(row["id"]), name=row["reason"], areas=tuple(row["areas"]))
        for row in await transaction.rows(wanted.order_by(SILENCES.c.id).with_for_update())
    ]


async def turn_silence(transaction: Transaction, silence: uuid.UUID, areas: Sequence[str]) -> None:
    """Let a silence mute in these units; what lies in them follows by itself."""
    only = areas[0] if len(areas) == 1 else ""
    values = {"areas": list(areas), "area": only, "version": SILENCES.c.version + 1}
    await transaction.run(sa.update(SILENCES).where(SILENCES.c.id == silence).values(**values))


async def spell_out_silences(transaction: Transaction, now: dt.datetime) -> None:
    """Reckon anew what lies in the units of silences that are not over, once there are new units."""
    ends = sa.func.least(SILENCES.c.until, SILENCES.c.ended_at)
    wanted = sa.update(SILENCES).where(ends > now, SILENCES.c.areas != sa.literal([], sa.ARRAY(sa.Text)))
    await transaction.run(wanted.values(areas=SILENCES.c.areas))


async def rules_in(transaction: Transaction, areas: Collection[str]) -> list[rules.Kept]:
    """The rules that speak of some units, in their newest version, locked."""
    found = []
    for one in await rules.newest(transaction):
        named = {*one.body.get("areas", ()), *(each.subject for each in one.overrides if each.kind == "area")}
        if not named.isdisjoint(areas):
            held = await rules.locked(transaction, one.pack, one.code)
            found += [held] if held is not None else []
    return found


_CENTRES: tuple[LiteralString, ...] = (
    "update accounts set centre = $2 where centre = $1",
    "update teams set centre = $2 where centre = $1",
    "update duties set centre = $2 where centre = $1",
    "update endpoints set centre = $2 where centre = $1",
    "update rule_overrides set centre = $2 where centre = $1 and last_version is null",
    "update enrolment_codes set centre = $2 where centre = $1 and digest not in (select code_digest from enrolments)",
    "update enrolments set centre = $2 where centre = $1 and state = 'waiting'",
    "insert into centre_areas select $2, area from centre_areas where centre = $1 on conflict do nothing",
    "delete from centre_areas where centre = $1 and $2 <> ''",
)
_COUNTED = ("accounts", "teams", "duties", "endpoints", "rule_overrides", "codes", "enrolments", "areas", "")


async def rename_centre(transaction: Transaction, gone: str, into: str) -> Mapping[str, int]:
    """Give what works for a centre to another one; how many rows of each."""
    counts = {}
    for what, statement in zip(_COUNTED, _CENTRES, strict=True):
        tag = await transaction.connection.execute(statement, gone, into)
        if what:
            counts[what] = int(tag.rpartition(" ")[2])
    return counts


async def silences_of(transaction: Transaction, centre: str, now: dt.datetime) -> list[tuple[Named, tuple[str, ...]]]:
    """The silences that name a centre and are not over, with the centres and the sources that they name, held."""
    ends = sa.func.least(SILENCES.c.until, SILENCES.c.ended_at)
    columns = (SILENCES.c.id, SILENCES.c.reason, SILENCES.c.centres, SILENCES.c.sources)
    wanted = sa.select(*columns).where(_names(SILENCES.c.centres, [centre]), ends > now)
    return [
        (
            Named(id=row["id"], code=str(row["id"]), name=row["reason"], areas=tuple(row["centres"])),
            tuple(row["sources"]),
        )
        for row in await transaction.rows(wanted.order_by(SILENCES.c.id).with_for_update())
    ]


async def narrow_silence(transaction: Transaction, silence: uuid.UUID, centre: str, sources: Sequence[str]) -> None:
    """Let a silence of a whole centre mute these sources of another centre."""
    values = {"centres": [centre], "centre": centre, "sources": list(sources), "version": SILENCES.c.version + 1}
    await transaction.run(sa.update(SILENCES).where(SILENCES.c.id == silence).values(**values))
