"""Citizens' reports in incidents that have tickets: what a channel must be told."""

import datetime as dt
import uuid

from ioc.access.scope import EVERYTHING
from ioc.store import alarms, incidents, reports
from ioc.store import updates as kept
from ioc.store.database import Database
from ioc.store.updates import Update, Wanted
from ioc.tickets.ticket import Ticket
from tests.fakes.tellers import report
from tests.fakes.things import NOW, alarm
from tests.fakes.ticket_days import Days
from tests.fakes.tickets import incident as an_incident


async def told_by(database: Database, number: str, incident: str | None) -> uuid.UUID:
    """A citizen's report through 1022, and its alarm in an incident."""
    one = report(number)
    async with database.transaction(EVERYTHING) as transaction:
        if incident is not None:
            await incidents.save_incidents(transaction, [(an_incident(uuid.UUID(incident).int), None)])
        await reports.enter(transaction, one, NOW, "hotline", reports.Reporter(name="Trần Thị Bí Mật"))
        about = alarm(id=one.id, key=f"report:1022:{number}", source_kind="citizen", incident=incident)
        await alarms.save_alarms(transaction, [about])
    return uuid.UUID(one.id)


async def join(database: Database, report_id: uuid.UUID, incident: str) -> None:
    """The report's alarm goes into an incident."""
    async with database.transaction(EVERYTHING) as transaction:
        await incidents.save_incidents(transaction, [(an_incident(uuid.UUID(incident).int), None)])
        await transaction.connection.execute(
            "update alarms set incident = $2 where id = $1", report_id, uuid.UUID(incident)
        )


async def updates_of(database: Database, **wanted: object) -> list[Update]:
    """What was offered, in its order."""
    async with database.transaction(EVERYTHING, read_only=True) as transaction:
        return await kept.listed(transaction, Wanted(**wanted), 0, 1000)  # type: ignore[arg-type]


async def whole_life(days: Days, ticket: Ticket) -> Ticket:
    """Accepted, worked on, resolved, verified and closed, ten minutes each."""
    for word, who in (("accept", "lan"), ("start", "lan"), ("resolve", "lan"), ("verify", "binh"), ("close", "binh")):
        days.at += dt.timedelta(minutes=10)
        ticket = await days.step(ticket, word, who=who, text="Đã xong, gọi anh Bí Mật 0905123456")
    return ticket
