"""Back to the citizen: each public step of a ticket is offered to the channel that the report came from.

It is offered in the transaction that changes the ticket. Part of a ticket is nothing that citizens are told, nor is the
end of one while another of the same incident goes on. Who sends what was offered is ioc/answering.py.
"""

import datetime as dt
import secrets
import uuid
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from gis.stamp import uuid7
from ioc.access.scope import EVERYTHING
from ioc.store import updates
from ioc.store.database import Database, Transaction
from ioc.store.updates import Standing, Told, Update
from ioc.tickets.policy import Policy
from ioc.tickets.public import present, public, step_of
from ioc.tickets.ticket import Ticket

MOST_JOINED = 500
"""Reports that are told at once of a ticket that was there before them; the others follow."""

Entropy = Callable[[int], bytes]

Change = tuple[Ticket | None, Ticket]
"""A ticket before a deed (None: it is new) and after it."""


def open311(update: Update, policy: Policy) -> dict[str, Any]:
    """An update by the names of FixMyStreet's extension of Open311 GeoReport v2 (`servicerequestupdates`), and some of
    ours: the same for a channel that asks and for one that is sent it."""
    said = public(update.step, update.expected_at)
    unit = next((one for one in policy.units if one.code == update.unit), None)
    return {
        "update_id": update.id,
        "service_request_id": update.number,
        "status": said.status,
        "step": said.step,
        "updated_datetime": update.at,
        "expected_datetime": said.expected_at,
        "description": said.text,
        "description_en": said.text_en,
        "agency": unit.name if unit else update.unit,
        "agency_en": unit.name_en if unit else update.unit,
    }


def standing(ticket: Ticket) -> Standing:
    """A ticket as far as citizens are told of it."""
    same = {name: getattr(ticket, name) for name in Standing.__struct_fields__ if name != "id"}
    return Standing(id=uuid.UUID(ticket.id), **same)


async def offer(
    transaction: Transaction, changed: Sequence[Change], now: dt.datetime, entropy: Entropy = secrets.token_bytes
) -> None:
    """Offer what changes mean to the reports of their incidents. The transaction must see everything, and have written
    the tickets.

    Other writers of updates wait from here to the end of the transaction, where there is anything to offer.
    """
    steps = {
        after.id: (after, step)
        for before, after in changed
        if after.parent is None and (step := step_of(before, after)) is not None
    }
    told = await updates.reports_of(transaction, {after.incident for after, _ in steps.values()}) if steps else {}
    for after, step in steps.values():
        reports = told.get(after.incident, [])
        if reports and not (_ends(step) and await updates.others_live(transaction, after.incident, after.id)):
            await _enter(transaction, reports, standing(after), step, now, entropy)


def _ends(step: str) -> bool:
    return public(step, None).status == "closed"


async def _enter(
    transaction: Transaction, told: Sequence[Told], ticket: Standing, step: str, now: dt.datetime, entropy: Entropy
) -> None:
    due = public(step, ticket.due_at).expected_at
    kept = msgspec.structs.replace(ticket, due_at=due)
    await updates.enter(transaction, told, kept, step, now, [uuid7(now, entropy(10)) for _ in told])


async def catch_up(database: Database, now: dt.datetime, entropy: Entropy) -> bool:
    """Tell reports that joined an incident with a ticket where that stands; whether there may be more of them.

    What is read before other writers are kept out only says that there is something: a step that is entered meanwhile
    must not be followed by the one before it.
    """
    async with database.transaction(EVERYTHING) as transaction:
        if not await updates.joined(transaction, now, 1):
            return False
        await updates.hold(transaction)
        found = await updates.joined(transaction, now, MOST_JOINED)
        for told, ticket in found:
            step = "moved" if told.earlier and present(ticket) == "sent" else present(ticket)
            await _enter(transaction, [told], ticket, step, now, entropy)
    return len(found) == MOST_JOINED
