"""Devices and cameras that belong to another unit or centre from now on, each as a change of its record.

So their past stays where it was, and their history, the audit trail and the maps say that they moved.
"""

import datetime as dt
from collections.abc import Awaitable, Callable, Sequence

import msgspec

from ioc.registration.record import Author
from ioc.store import register_rows
from ioc.store.database import Transaction
from ioc.store.register_changes import Kept, change_thing, tell
from ioc.store.resettling import Placing

ACT = "move"
"""The word of the history and of the audit trail."""


async def move(
    transaction: Transaction, moves: Sequence[Placing], who: str, reason: str, now: dt.datetime
) -> Callable[[], Awaitable[None]]:
    """Move them; what is returned tells the maps, and is called last of all (`changes.record`)."""
    kept: list[Kept] = []
    for one in moves:
        found = await register_rows.one(transaction, one.before.subject, one.before.code)
        if found is not None:  # it is held since `resettling.standing`
            wanted = msgspec.structs.replace(found, centre=one.centre, area=one.area)
            by = Author(login=who, address="local")
            kept.append(await change_thing(transaction, wanted, by=by, now=now, act=ACT, reason=reason))

    async def told() -> None:
        await tell(transaction, kept, now)

    return told
