"""A one-time code and who came with it for every centre and area, though both are made without an area."""

import datetime as dt
import hashlib
import uuid
from typing import Any

import asyncpg

from ioc.access.scope import Thing
from ioc.registration.one_time import digest

KEYS = {"enrolment_codes": "note", "enrolments": "address"}


def code_row(code: str, now: dt.datetime) -> dict[str, Any]:
    """A code that is good for a day; its note is the name by which it is told apart."""
    times = {"made_at": now, "expires_at": now + dt.timedelta(days=1)}
    words = {"subject": "device", "profile": "p", "kind": "k", "note": code, "made_by": "a"}
    return {"digest": digest(code), "id": uuid.uuid5(uuid.NAMESPACE_OID, code), **words, **times}


def enrolment_row(code: str, now: dt.datetime) -> dict[str, Any]:
    """Who came with it, from an address of the same name."""
    secret = {"code_digest": digest(code), "ticket": hashlib.sha256(f"ticket {code}".encode()).digest()}
    about = {"subject": "device", "state": "waiting", "said": "{}", "address": code, "arrived_at": now}
    return {"id": uuid.uuid5(uuid.NAMESPACE_URL, code), **secret, **about}


async def put(connection: asyncpg.Connection, code: str, thing: Thing, now: dt.datetime) -> list[tuple[str, str]]:
    """Both rows at a place; their tables and names."""
    place = {"centre": thing.centre, "area": thing.area}
    for table, row in (("enrolment_codes", code_row(code, now)), ("enrolments", enrolment_row(code, now))):
        values = row | place
        marks = ", ".join(f"${number}" for number in range(1, len(values) + 1))
        await connection.execute(f"insert into {table} ({', '.join(values)}) values ({marks})", *values.values())
    return [(table, code) for table in KEYS]
