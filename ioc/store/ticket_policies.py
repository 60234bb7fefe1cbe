"""The policy of tickets by version: the shipped one is the first, each edit adds the next, none is ever changed."""

import datetime as dt
import functools
import hashlib
from collections import OrderedDict
from collections.abc import Collection
from typing import Any

import msgspec
import sqlalchemy as sa

from ioc import data
from ioc.store.database import Row, Transaction
from ioc.store.statements import inserting, locking
from ioc.store.tables import AREAS
from ioc.store.tables_duty import TICKET_POLICIES
from ioc.tickets.policy import Document, Policy

LOCK = 7_235_018
"""Advisory lock of who adds a version."""

_MOST = 32


class UnknownVersionError(LookupError):
    """There is no such version of the policy."""


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """A version as a history lists it; `who` is empty for one that came with the program."""

    version: int
    shipped: bool
    at: dt.datetime
    who: str
    why: str


class _Kept:
    """Policies in memory by the digest of their text and their version: two of the same are one."""

    def __init__(self) -> None:
        self._found: OrderedDict[tuple[int, str], Policy] = OrderedDict()

    def get(self, version: int, digest: str) -> Policy | None:
        found = self._found.get((version, digest))
        if found is not None:
            self._found.move_to_end((version, digest))
        return found

    def keep(self, digest: str, policy: Policy) -> Policy:
        self._found[policy.version, digest] = policy
        while len(self._found) > _MOST:
            self._found.popitem(last=False)
        return policy


_KEPT = _Kept()


def policy_of(document: Document, version: int) -> Policy:
    """A document as the policy of a version."""
    return Policy(version=version, **{name: getattr(document, name) for name in Document.__struct_fields__})


def document_of(policy: Policy) -> Document:
    """A policy without its version."""
    return Document(**{name: getattr(policy, name) for name in Document.__struct_fields__})


def body_of(policy: Policy) -> dict[str, Any]:
    """The document of a policy as it is kept."""
    found: dict[str, Any] = msgspec.to_builtins(document_of(policy))
    return found


@functools.cache
def shipped() -> Policy:
    """The policy that comes with the program, as version 1."""
    return policy_of(msgspec.convert(data.tickets(), Document), 1)


def digest_of(policy: Policy) -> str:
    """By which a policy's text is known, whatever its version."""
    return hashlib.sha256(msgspec.json.encode(body_of(policy), order="deterministic")).hexdigest()


async def current(transaction: Transaction) -> Policy:
    """The newest version; before any was entered the shipped one."""
    row = await transaction.row(_newest())
    return shipped() if row is None else await _read(transaction, row)


async def of_version(transaction: Transaction, version: int) -> Policy:
    """A version. UnknownVersionError when there is none."""
    row = await transaction.row(_one(), version=version)
    if row is not None:
        return await _read(transaction, row)
    if version == 1:
        return shipped()
    raise UnknownVersionError(f"there is no version {version} of the policy of tickets")


@functools.cache
def _newest() -> sa.Select[Any]:
    columns = (TICKET_POLICIES.c.version, TICKET_POLICIES.c.digest)
    return sa.select(*columns).order_by(TICKET_POLICIES.c.version.desc()).limit(1)


@functools.cache
def _one() -> sa.Select[Any]:
    columns = (TICKET_POLICIES.c.version, TICKET_POLICIES.c.digest)
    return sa.select(*columns).where(TICKET_POLICIES.c.version == sa.bindparam("version", type_=sa.Integer))


async def _read(transaction: Transaction, row: Row) -> Policy:
    version, digest = row["version"], row["digest"]
    found = _KEPT.get(version, digest)
    if found is not None:
        return found
    body = await transaction.value(sa.select(TICKET_POLICIES.c.body).where(TICKET_POLICIES.c.version == version))
    return _KEPT.keep(digest, policy_of(msgspec.convert(body, Document), version))


async def versions(transaction: Transaction, before: int, limit: int) -> list[Version]:
    """The versions below one, newest first."""
    names = Version.__struct_fields__
    wanted = sa.select(*(TICKET_POLICIES.c[name] for name in names)).where(TICKET_POLICIES.c.version < before)
    rows = await transaction.rows(wanted.order_by(TICKET_POLICIES.c.version.desc()).limit(limit))
    return [Version(**{name: row[name] for name in names}) for row in rows]


async def about(transaction: Transaction, version: int) -> Version | None:
    """How a version came to be; None where the database has not got it."""
    return next((one for one in await versions(transaction, version + 1, 1) if one.version == version), None)


async def known_areas(transaction: Transaction, fids: Collection[str]) -> set[str]:
    """Which of some feature ids are areas."""
    rows = await transaction.rows(sa.select(AREAS.c.fid).where(AREAS.c.fid.in_(fids)))
    return {row["fid"] for row in rows}


async def hold(transaction: Transaction) -> None:
    """Keep others who would add a version waiting until the transaction ends."""
    await transaction.run(locking(LOCK))


async def add(
    transaction: Transaction, policy: Policy, now: dt.datetime, who: str, why: str, *, of_program: bool = False
) -> None:
    """Enter a version; the caller holds the lock and gives it the number after the newest."""
    await transaction.run(
        inserting(TICKET_POLICIES),
        version=policy.version,
        digest=digest_of(policy),
        body=body_of(policy),
        shipped=of_program,
        at=now,
        who=who,
        why=why,
    )


async def ship(transaction: Transaction, now: dt.datetime) -> bool:
    """Enter what comes with the program: as version 1, or as the next one where the newest came with a program before
    this and says otherwise. What people made stays in force. True when a version was added."""
    await hold(transaction)
    newest = sa.select(TICKET_POLICIES.c.version, TICKET_POLICIES.c.digest, TICKET_POLICIES.c.shipped)
    row = await transaction.row(newest.order_by(TICKET_POLICIES.c.version.desc()).limit(1))
    if row is not None and (not row["shipped"] or row["digest"] == digest_of(shipped())):
        return False
    number = 1 if row is None else row["version"] + 1
    policy = msgspec.structs.replace(shipped(), version=number)
    await add(transaction, policy, now, "", "Đi kèm chương trình", of_program=True)
    return True
