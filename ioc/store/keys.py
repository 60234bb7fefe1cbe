"""Keys of devices, gateways and cameras at the broker, as the broker's hashes; and whom the register lets in there."""

import datetime as dt
import secrets
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from ioc.registration.broker_key import KEY_BYTES, OVERLAP, SALT_BYTES, Held, hashed, turn
from ioc.registration.lifecycle import STATES, signs_in
from ioc.store.database import Row, Transaction
from ioc.store.registry import CHANNEL
from ioc.store.statements import notifying
from ioc.store.tables import CAMERAS, DEVICES
from ioc.store.tables_keys import KEYS
from ioc.store.tables_releases import FORMER_TOPICS

THINGS = {"device": DEVICES, "camera": CAMERAS}

RETIRED = "retired"
LET_IN = tuple(state for state in STATES if signs_in(state))


class Expiring(msgspec.Struct, frozen=True):
    """An old key that is good for a while beside its successor."""

    user: str
    until: dt.datetime


class KeyState(msgspec.Struct, frozen=True, kw_only=True):
    """What a record tells of a key: the name at the broker, and when the device signed in with it last."""

    user: str
    made_at: dt.datetime
    seen_at: dt.datetime | None
    expiring: Expiring | None = None


class Thing(msgspec.Struct, frozen=True, kw_only=True):
    """What a key is for, as far as keys are concerned. `speaks` is false for a camera that does not report itself."""

    code: str
    subject: str
    centre: str
    area: str
    lifecycle: str
    speaks: bool


async def thing(transaction: Transaction, subject: str, code: str) -> Thing | None:
    """A device or camera, if it is there to be seen, held against other writers."""
    table, names = THINGS[subject], ("code", "centre", "area", "lifecycle")
    settings = [CAMERAS.c.settings] if subject == "camera" else []
    wanted = sa.select(*(table.c[name] for name in names), *settings).where(table.c.code == code)
    row = await transaction.row(wanted.with_for_update())
    if row is None:
        return None
    speaks = subject == "device" or bool(row["settings"].get("codec"))
    return Thing(subject=subject, speaks=speaks, **{name: row[name] for name in names})


async def held(transaction: Transaction, code: str) -> list[Held]:
    """The keys that a device has."""
    wanted = sa.select(KEYS.c.login, KEYS.c.until).where(KEYS.c.code == code, KEYS.c.hash.is_not(None))
    return [Held(login=row["login"], until=row["until"]) for row in await transaction.rows(wanted)]


class Issued(msgspec.Struct, frozen=True, kw_only=True):
    """A new key, which is told once and kept nowhere. It is never printed."""

    login: str
    key: str
    old: str | None
    old_until: dt.datetime | None

    def __repr__(self) -> str:
        return f"Issued({self.login})"


def _drawn() -> str:
    """A key that does not begin with a hyphen: that is an option to a command, and a formula to a spreadsheet."""
    while (key := secrets.token_urlsafe(KEY_BYTES)).startswith("-"):
        pass
    return key


async def issue(transaction: Transaction, of: Thing, by: str, now: dt.datetime) -> Issued:
    """Give a thing a new key. The one that it uses is good until it signs in with the new one, or for OVERLAP."""
    next_turn = turn(of.code, await held(transaction, of.code), now)
    key = _drawn()
    kept = hashed(key, secrets.token_bytes(SALT_BYTES))
    await give(transaction, of, next_turn.login, kept, by, now, old=next_turn.old)
    until = None if next_turn.old is None else now + OVERLAP
    if next_turn.old is not None:
        await transaction.run(sa.update(KEYS).where(KEYS.c.login == next_turn.old).values(until=until))
    return Issued(login=next_turn.login, key=key, old=next_turn.old, old_until=until)


async def give(
    transaction: Transaction, of: Thing, login: str, kept: str, by: str, now: dt.datetime, *, old: str | None = None
) -> None:
    """Enter the hash of a key; of the other keys of the thing only `old` stays."""
    others = KEYS.c.code == of.code, KEYS.c.login.not_in([login, old or login])
    await transaction.run(sa.delete(KEYS).where(*others))
    row = {"code": of.code, "subject": of.subject, "hash": kept, "made_at": now, "made_by": by}
    statement = insert(KEYS).values(login=login, **row)
    anew = row | {"until": sa.null(), "seen_at": sa.null()}
    await transaction.run(statement.on_conflict_do_update(index_elements=[KEYS.c.login], set_=anew))
    await transaction.run(notifying(CHANNEL))


async def withdraw(transaction: Transaction, of: Thing, now: dt.datetime) -> bool:
    """Let no key of a device be good any more; False when it had none. That it was withdrawn stays."""
    held = sa.select(KEYS.c.login).where(KEYS.c.code == of.code, KEYS.c.hash.is_not(None))
    if not await transaction.rows(held):
        return False
    await transaction.run(sa.delete(KEYS).where(KEYS.c.code == of.code))
    row = {"code": of.code, "subject": of.subject, "hash": None, "made_at": now, "made_by": ""}
    await transaction.run(insert(KEYS).values(login=of.code, **row))
    await transaction.run(notifying(CHANNEL))
    return True


async def known(transaction: Transaction, codes: Iterable[str]) -> set[str]:
    """Which of these ever had a key, also one that was withdrawn."""
    wanted = sa.select(KEYS.c.code).where(KEYS.c.code.in_(list(codes)))
    return {row["code"] for row in await transaction.rows(wanted)}


async def adopt(
    transaction: Transaction, subject: str, hashes: Mapping[str, str], by: str, now: dt.datetime
) -> list[str]:
    """Enter the hashes of first keys that were made elsewhere; who ever had a key keeps it. Returns whose were taken.

    The codes must be of registered things of this kind.
    """
    had = await known(transaction, hashes)
    new = {code: kept for code, kept in hashes.items() if code not in had}
    names = ("login", "code", "hash")
    statement = insert(KEYS).values(
        subject=subject, made_at=now, made_by=by, **{name: sa.bindparam(name) for name in names}
    )
    await transaction.run_many(statement, [{"login": one, "code": one, "hash": kept} for one, kept in new.items()])
    if new:
        await transaction.run(notifying(CHANNEL))
    return sorted(new)


async def states(transaction: Transaction, codes: Iterable[str], now: dt.datetime) -> dict[str, KeyState]:
    """What the records of these tell of their keys; who has no good key is left out."""
    good = KEYS.c.hash.is_not(None), sa.or_(KEYS.c.until.is_(None), KEYS.c.until > now)
    columns = (KEYS.c.login, KEYS.c.code, KEYS.c.made_at, KEYS.c.seen_at, KEYS.c.until)
    rows = await transaction.rows(sa.select(*columns).where(KEYS.c.code.in_(list(codes)), *good))
    going = {row["code"]: Expiring(row["login"], row["until"]) for row in rows if row["until"] is not None}
    return {
        row["code"]: KeyState(
            user=row["login"], made_at=row["made_at"], seen_at=row["seen_at"], expiring=going.get(row["code"])
        )
        for row in rows
        if row["until"] is None
    }


async def seen(transaction: Transaction, logins: Mapping[str, dt.datetime]) -> list[str]:
    """Enter when devices signed in last; returns the codes whose old key has gone for it: the new one was used."""
    names = sorted(logins)
    statement = (
        sa.update(KEYS)
        .where(KEYS.c.login == sa.bindparam("name", type_=sa.Text))
        .values(seen_at=sa.bindparam("at", type_=KEYS.c.seen_at.type))
    )
    await transaction.run_many(statement, [{"name": name, "at": logins[name]} for name in names])
    new = KEYS.alias("new")
    used = sa.exists().where(
        new.c.code == KEYS.c.code, new.c.login != KEYS.c.login, new.c.until.is_(None), new.c.login.in_(names)
    )
    return await _ended(transaction, KEYS.c.until.is_not(None), used)


async def end_expired(transaction: Transaction, now: dt.datetime) -> list[str]:
    """Let old keys go whose time is over; returns whose they were."""
    return await _ended(transaction, KEYS.c.until <= now)


async def end_retired(transaction: Transaction) -> list[str]:
    """Withdraw the keys of what is retired: put up again, it is given a new one. Returns whose they were."""
    gone = (
        sa.and_(KEYS.c.subject == subject, KEYS.c.code.in_(sa.select(table.c.code).where(table.c.lifecycle == RETIRED)))
        for subject, table in THINGS.items()
    )
    withdrawn = sa.update(KEYS).where(KEYS.c.hash.is_not(None), sa.or_(*gone)).values(hash=None, until=None)
    return sorted({row["code"] for row in await transaction.rows(withdrawn.returning(KEYS.c.code))})


async def _ended(transaction: Transaction, *which: Any) -> list[str]:
    gone = await transaction.rows(sa.delete(KEYS).where(*which).returning(KEYS.c.code))
    return sorted(row["code"] for row in gone)


def may_speak(subject: str) -> sa.Select[Any]:
    """The codes of things of a kind that may speak now."""
    table = THINGS[subject]
    return sa.select(table.c.code).where(table.c.lifecycle.in_(LET_IN))


async def good(transaction: Transaction, now: dt.datetime) -> dict[str, str]:
    """The hash of each key that is good now, by the name under which its device signs in."""
    allowed = sa.or_(*(sa.and_(KEYS.c.subject == subject, KEYS.c.code.in_(may_speak(subject))) for subject in THINGS))
    lasting = sa.or_(KEYS.c.until.is_(None), KEYS.c.until > now)
    rows = await transaction.rows(
        sa.select(KEYS.c.login, KEYS.c.hash).where(allowed, lasting, KEYS.c.hash.is_not(None))
    )
    return {row["login"]: row["hash"] for row in rows}


async def behind(transaction: Transaction) -> dict[str, list[tuple[str, str]]]:
    """The devices, as (centre, code), for which each gateway delivers; of one that moved, under its former centres,
    too, as long as it may speak and is answered there."""
    delivered = DEVICES.c.gateway.is_not(None), DEVICES.c.lifecycle != RETIRED
    now = sa.select(DEVICES.c.gateway, DEVICES.c.centre, DEVICES.c.code).where(*delivered)
    then = sa.select(DEVICES.c.gateway, FORMER_TOPICS.c.centre, DEVICES.c.code).where(
        FORMER_TOPICS.c.code == DEVICES.c.code, *delivered
    )
    rows: Sequence[Row] = await transaction.rows(sa.union(now, then))
    found: dict[str, list[tuple[str, str]]] = {}
    for row in rows:
        found.setdefault(row["gateway"], []).append((row["centre"], row["code"]))
    return found


async def next_end(transaction: Transaction) -> dt.datetime | None:
    """When the next old key ends."""
    at: dt.datetime | None = await transaction.value(sa.select(sa.func.min(KEYS.c.until)))
    return at
