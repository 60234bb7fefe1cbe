"""Back to the citizen: each public step of a ticket is offered to the channel that the report came from, and sent
there where the channel has an endpoint.

Offered in the transaction that changes the ticket; sent afterwards, of each report one after the other, again and again
until the channel has it or a day has passed. A channel that has no endpoint fetches (`GET /api/v1/report-updates`).
"""

import datetime as dt
import uuid
from collections.abc import Callable, Sequence

import msgspec

from gis.stamp import uuid7
from ioc.access.scope import EVERYTHING
from ioc.store import updates
from ioc.store.database import Database, Transaction
from ioc.store.updates import Standing, Told
from ioc.tickets.public import present, public, step_of
from ioc.tickets.ticket import Ticket

MOST_JOINED = 500
"""Reports that are told at once of a ticket that was there before them; the others follow."""

Entropy = Callable[[int], bytes]


def standing(ticket: Ticket) -> Standing:
    """A ticket as far as citizens are told of it."""
    same = {name: getattr(ticket, name) for name in Standing.__struct_fields__ if name != "id"}
    return Standing(id=uuid.UUID(ticket.id), **same)


async def offer(
    transaction: Transaction, before: Ticket | None, after: Ticket, now: dt.datetime, entropy: Entropy
) -> None:
    """Offer what a change means to the reports of the incident, if it means anything to citizens.

    Part of a ticket is nothing that they are told; nor is the end of one while another of the incident goes on. The
    transaction must see everything.
    """
    step = step_of(before, after)
    if step is None or after.parent is not None:
        return
    told = await updates.reports_of(transaction, after.incident)
    if not told or (_ends(step) and await updates.others_live(transaction, after.incident, after.id)):
        return
    await _enter(transaction, told, standing(after), step, now, entropy)


def _ends(step: str) -> bool:
    return public(step, None).status == "closed"


async def _enter(
    transaction: Transaction, told: Sequence[Told], ticket: Standing, step: str, now: dt.datetime, entropy: Entropy
) -> None:
    due = public(step, ticket.due_at).expected_at
    kept = msgspec.structs.replace(ticket, due_at=due)
    await updates.enter(transaction, told, kept, step, now, [uuid7(now, entropy(10)) for _ in told])


async def catch_up(database: Database, now: dt.datetime, entropy: Entropy) -> bool:
    """Tell reports that joined an incident with a ticket where that stands; whether there may be more of them."""
    async with database.transaction(EVERYTHING) as transaction:
        found = await updates.joined(transaction, now, MOST_JOINED)
        for told, ticket in found:
            step = "moved" if told.earlier and present(ticket) == "sent" else present(ticket)
            await _enter(transaction, [told], ticket, step, now, entropy)
    return len(found) == MOST_JOINED
