"""Rules as they are kept: the newest version of each, those before it, and the overrides of devices and areas.

Every change makes the next version of the rule, also one of an override or of whether the rule is enabled, so that
the version on an alarm says by what it was judged. Nothing is ever written over.
"""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Literal, LiteralString

import msgspec

from ioc.store.database import Row, Transaction

CHANNEL = "ioc_rules"
"""NOTIFY channel that only wakes those who hold rules in memory."""

LOCK = 7_235_007
"""Advisory lock of who enters the shipped packs."""

Kind = Literal["device", "area"]
KINDS: Mapping[str, Kind] = {"devices": "device", "area_levels": "area"}
"""Member of a rule -> what it holds overrides of."""


class Override(msgspec.Struct, frozen=True, kw_only=True):
    """What a rule says otherwise for a device (by its code) or for an area (by its code or feature id)."""

    kind: Kind
    subject: str
    body: Any
    centre: str = ""
    area: str = ""


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A version of a rule. `body` is the rule without its overrides; `newest` is the newest version there is.

    `judged_version` is the version that the desk has taken up, 0 for none. `shipped` is what the pack says, None for a
    rule made by people. `what` says how this version came to be, `who` made it: nobody, when a pack did.
    """

    pack: str
    code: str
    version: int
    enabled: bool
    body: dict[str, Any]
    what: str
    at: dt.datetime
    who: str
    reason: str
    newest: int = 0
    demo: bool = False
    judged_version: int = 0
    shipped: dict[str, Any] | None = None
    shipped_version: int | None = None
    overrides: tuple[Override, ...] = ()

    @property
    def content(self) -> dict[str, Any]:
        """The rule with its overrides, as a pack has it."""
        found = dict(self.body)
        for member, kind in KINDS.items():
            of_kind = {one.subject: one.body for one in self.overrides if one.kind == kind}
            if of_kind:
                found[member] = of_kind
        return found


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """How a version comes to be: a word of `rule_versions.what`, when, by whom and why."""

    what: str
    at: dt.datetime
    who: str
    reason: str


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """A version as a history lists it."""

    version: int
    enabled: bool
    what: str
    at: dt.datetime
    who: str
    reason: str


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which rules are asked for; what is empty (None) is not asked. `device`: those for its profile."""

    pack: str = ""
    category: str = ""
    profile: str = ""
    property: str = ""
    device: str = ""
    enabled: bool | None = None


def apart(content: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[Override, ...]]:
    """A rule as a pack has it, as its body and its overrides."""
    body = {name: value for name, value in content.items() if name not in KINDS}
    overrides = tuple(
        Override(kind=kind, subject=subject, body=value)
        for member, kind in KINDS.items()
        for subject, value in sorted((content.get(member) or {}).items())
    )
    return body, overrides


_RULES: LiteralString = """
select r.pack, r.code, v.version, v.enabled, r.demo, r.shipped, r.shipped_version, r.judged_version,
       r.version as newest, v.body, v.what, v.at, v.who, v.reason, o.overrides
from rules r join rule_versions v on v.pack = r.pack and v.code = r.code
cross join lateral (
  select coalesce(jsonb_agg(jsonb_build_object('kind', o.kind, 'subject', o.subject, 'body', o.body,
                                               'centre', o.centre, 'area', o.area) order by o.kind desc, o.subject),
                  '[]') as overrides
  from rule_overrides o where o.pack = r.pack and o.code = r.code
  and o.first_version <= v.version and (o.last_version is null or o.last_version >= v.version)
) o
"""

_ALL: LiteralString = _RULES + "where v.version = r.version order by r.pack, r.code"

_ONE: LiteralString = _RULES + "where r.pack = $1 and r.code = $2 and v.version = coalesce($3, r.version)"

_LOCK: LiteralString = "select from rules where pack = $1 and code = $2 for update"
"""Before the newest version is read: a join that had to wait would still see the one before."""

_SOUGHT: LiteralString = """
v.version = r.version and ($1 = '' or r.pack = $1) and ($2 = '' or v.body->>'category' = $2)
and ($3 = '' or v.body->>'profile' = $3) and ($4 = '' or v.body->>'property' = $4)
and ($5 = '' or v.body->>'profile' = (select d.profile from devices d where d.code = $5))
and ($6::bool is null or r.enabled = $6)
"""

_PAGE: LiteralString = (
    _RULES + "where " + _SOUGHT + "and (r.pack, r.code) > ($7::text, $8::text) order by r.pack, r.code limit $9"
)

_COUNT: LiteralString = (
    "select count(*) from rules r join rule_versions v on v.pack = r.pack and v.code = r.code where " + _SOUGHT  # noqa: S608 - a constant
)

_VERSIONS: LiteralString = """
select version, enabled, what, at, who, reason from rule_versions
where pack = $1 and code = $2 and version < $3 order by version desc limit $4
"""


def _kept(row: Row) -> Kept:
    values = {name: row[name] for name in Kept.__struct_fields__ if name != "overrides"}
    return Kept(**values, overrides=tuple(msgspec.convert(one, Override) for one in row["overrides"]))


async def newest(transaction: Transaction) -> list[Kept]:
    """The newest version of every rule, by pack and code."""
    return [_kept(row) for row in await transaction.connection.fetch(_ALL)]


async def one(transaction: Transaction, pack: str, code: str, version: int | None = None) -> Kept | None:
    """A version of a rule, the newest unless one is named; None when there is none."""
    row = await transaction.connection.fetchrow(_ONE, pack, code, version)
    return None if row is None else _kept(row)


async def locked(transaction: Transaction, pack: str, code: str) -> Kept | None:
    """The newest version of a rule, of which nobody else makes another until the transaction ends."""
    await transaction.connection.execute(_LOCK, pack, code)
    return await one(transaction, pack, code)


def _sought(wanted: Wanted) -> tuple[Any, ...]:
    return wanted.pack, wanted.category, wanted.profile, wanted.property, wanted.device, wanted.enabled


async def page(transaction: Transaction, wanted: Wanted, after: tuple[str, str], limit: int) -> list[Kept]:
    """The rules that are asked for beyond a pack and code, in their order."""
    rows = await transaction.connection.fetch(_PAGE, *_sought(wanted), *after, limit)
    return [_kept(row) for row in rows]


async def count(transaction: Transaction, wanted: Wanted) -> int:
    """How many rules are asked for."""
    return int(await transaction.connection.fetchval(_COUNT, *_sought(wanted)))


async def versions(transaction: Transaction, pack: str, code: str, before: int, limit: int) -> list[Version]:
    """The versions below one, newest first."""
    rows = await transaction.connection.fetch(_VERSIONS, pack, code, before, limit)
    return [msgspec.convert(dict(row), Version) for row in rows]


_ADD: LiteralString = """
insert into rules (pack, code, version, enabled, demo, shipped, shipped_version) values ($1, $2, $3, $4, $5, $6, $7)
on conflict do nothing
"""

_ADD_VERSION: LiteralString = """
insert into rule_versions (pack, code, version, enabled, body, what, at, who, reason)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""

_RENEW: LiteralString = "update rules set version = $3, enabled = $4 where pack = $1 and code = $2"

_SHIP: LiteralString = "update rules set shipped = $3, shipped_version = $4, demo = $5 where pack = $1 and code = $2"

_RELEASE: LiteralString = """
update rule_overrides set last_version = $5 - 1
where pack = $1 and code = $2 and kind = $3 and subject = $4 and last_version is null
"""

_OVERRIDE: LiteralString = """
insert into rule_overrides (pack, code, kind, subject, first_version, body, centre, area)
values ($1, $2, $3, $4, $5, $6, $7, $8)
"""

_PLACE: LiteralString = """
select d.centre, d.area from devices d where $1 = 'device' and d.code = $2
union all
(select coalesce((select min(c.centre) from centre_areas c where c.area = a.fid having count(*) = 1), ''), a.fid
 from areas a where $1 = 'area' and $2 in (a.fid, a.code) order by a.valid_from desc limit 1)
"""

_SEEN: LiteralString = """
select code from devices where code = any ($1::text[]) union select code from cameras where code = any ($1::text[])
"""

_NOTIFY: LiteralString = "select pg_notify($1, '')"


async def add(transaction: Transaction, rule: Kept) -> bool:
    """Enter a rule with its first version; False when there is one of this pack and code."""
    about = (rule.pack, rule.code, rule.version, rule.enabled, rule.demo, rule.shipped, rule.shipped_version)
    if await transaction.connection.execute(_ADD, *about) != "INSERT 0 1":
        return False
    await _write_version(transaction, rule)
    for override in rule.overrides:
        await _override(transaction, rule, override)
    return True


async def _write_version(transaction: Transaction, rule: Kept) -> None:
    about = (rule.pack, rule.code, rule.version, rule.enabled, rule.body, rule.what, rule.at, rule.who, rule.reason)
    await transaction.connection.execute(_ADD_VERSION, *about)
    await transaction.connection.execute(_NOTIFY, CHANNEL)


async def _override(transaction: Transaction, rule: Kept, override: Override) -> None:
    about = (rule.pack, rule.code, override.kind, override.subject, rule.version)
    await transaction.connection.execute(_RELEASE, *about)
    if override.body is not None:
        where = await place(transaction, override.kind, override.subject) or ("", "")
        await transaction.connection.execute(_OVERRIDE, *about, override.body, *where)


async def place(transaction: Transaction, kind: Kind, subject: str) -> tuple[str, str] | None:
    """The centre (empty: none alone) and area of a device or area; None when the transaction's scope has none."""
    row = await transaction.connection.fetchrow(_PLACE, kind, subject)
    return None if row is None else (row["centre"], row["area"])


async def seen(transaction: Transaction, codes: Collection[str]) -> set[str]:
    """Which of these devices and cameras the transaction's scope has."""
    return {row["code"] for row in await transaction.connection.fetch(_SEEN, list(codes))}


async def is_shipped(transaction: Transaction, pack: str) -> bool:
    """Whether a pack comes with the program."""
    found = await transaction.connection.fetchval(
        "select exists (select from rules where pack = $1 and shipped_version is not null)", pack
    )
    return bool(found)


async def renew(
    transaction: Transaction,
    before: Kept,
    step: Step,
    *,
    body: dict[str, Any] | None = None,
    enabled: bool | None = None,
    overrides: Sequence[Override] = (),
) -> int:
    """Make the next version of a rule that is locked, and give its number; what is not given stays as it is.

    `overrides` are those that change; one without a body goes.
    """
    after = msgspec.structs.replace(
        before,
        version=before.newest + 1,
        enabled=before.enabled if enabled is None else enabled,
        body=before.body if body is None else body,
        **msgspec.structs.asdict(step),
    )
    await _write_version(transaction, after)
    for override in overrides:
        await _override(transaction, after, override)
    await transaction.connection.execute(_RENEW, after.pack, after.code, after.version, after.enabled)
    return after.version


async def ship(transaction: Transaction, rule: Kept) -> None:
    """Note what the shipped pack says now, whatever is in force."""
    await transaction.connection.execute(_SHIP, rule.pack, rule.code, rule.shipped, rule.shipped_version, rule.demo)


async def seeding(transaction: Transaction) -> None:
    """Keep others who enter the shipped packs waiting until the transaction ends."""
    await transaction.connection.execute("select pg_advisory_xact_lock($1)", LOCK)


_NOT_TAKEN_UP: LiteralString = "select pack, code, version from rules where judged_version <> version"

_TAKEN_UP: LiteralString = "update rules set judged_version = $3 where pack = $1 and code = $2"


async def not_taken_up(transaction: Transaction) -> dict[tuple[str, str], int]:
    """The newest versions that the desk has not taken up yet, by pack and code."""
    rows = await transaction.connection.fetch(_NOT_TAKEN_UP)
    return {(row["pack"], row["code"]): row["version"] for row in rows}


async def take_up(transaction: Transaction, pack: str, code: str, version: int) -> None:
    """Note that what is open has been judged by a version."""
    await transaction.connection.execute(_TAKEN_UP, pack, code, version)


async def drawn(transaction: Transaction) -> int:
    """How many areas there are, of all times: more than before where a release was loaded."""
    found: int = await transaction.connection.fetchval("select count(*) from areas")
    return found


_BELOW: LiteralString = """
select n.name, coalesce(array_agg(distinct f.fid), '{}') as fids
from unnest($1::text[]) n(name)
cross join lateral (select ioc_subtree(array(select a.fid from areas a where n.name in (a.fid, a.code))) as found) s
left join lateral unnest(s.found) f(fid) on true group by n.name
"""


async def below(transaction: Transaction, areas: Sequence[str]) -> dict[str, frozenset[str]]:
    """The feature ids of all areas that lie in each of these, by the codes or feature ids as they were given."""
    rows = await transaction.connection.fetch(_BELOW, list(areas))
    return {row["name"]: frozenset(fid for fid in row["fids"] if fid is not None) for row in rows}
