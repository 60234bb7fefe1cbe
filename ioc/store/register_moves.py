"""Devices and cameras that belong to another unit or centre from now on, each as a change of its record.

So their past stays where it was, and their history, the audit trail and the maps say that they moved. They are written
in sets, because a release of units moves thousands.
"""

import datetime as dt
from collections.abc import Awaitable, Callable, Sequence

import msgspec

from ioc.registration.record import Author
from ioc.store import register_bulk
from ioc.store.database import Transaction
from ioc.store.register_changes import Kept, tell
from ioc.store.register_rows import TABLES
from ioc.store.resettling import Placing

ACT = "move"
"""The word of the history and of the audit trail."""


async def move(
    transaction: Transaction, moves: Sequence[Placing], who: str, reason: str, now: dt.datetime
) -> Callable[[], Awaitable[None]]:
    """Move them; what is returned tells the maps, and is called last of all (`changes.record`)."""
    by, kept = Author(login=who, address="local"), list[Kept]()
    for subject in TABLES:
        placings = {one.before.code: one for one in moves if one.before.subject == subject}
        found = await register_bulk.known(transaction, subject, placings)  # held since `resettling.standing`
        wanted = [
            (one, msgspec.structs.replace(one, centre=placings[code].centre, area=placings[code].area))
            for code, one in sorted(found.items())
        ]
        kept += await register_bulk.change_things(transaction, wanted, by=by, now=now, act=ACT, reason=reason)

    async def told() -> None:
        await tell(transaction, kept, now)

    return told
