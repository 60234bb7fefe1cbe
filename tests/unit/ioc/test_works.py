"""The works of the process that leads: each has a name, and none is left out."""

import asyncio
from pathlib import Path

from ioc import works
from ioc.access.scope import EVERYTHING
from ioc.clock import now
from ioc.outbound import Allowed, Outbound
from ioc.settings import Settings
from ioc.store.database import Database
from ioc.tell.channels import channels_of
from tests.fakes.answered import told_by
from tests.fakes.tickets import incident


async def test_a_severe_incident_gets_its_ticket_and_the_report_hears_of_it(database: Database, tmp_path: Path) -> None:
    """All works run together, as they do in a centre, and stop when they are told to."""
    settings = Settings(state_dir=str(tmp_path))
    report = await told_by(database, "7", incident(1001).id)
    async with Outbound.open(Allowed()) as outbound, channels_of(settings, outbound, database, now) as channels:
        telling = works.Telling(settings, database, channels)
        running = {**works.keeping(settings, database, tmp_path / "media"), **works.tickets(database, telling)}
        assert set(running) == {
            *("curator", "keeper", "quality", "rollups", "dispatch", "escalation", "teller", "answering")
        }
        async with asyncio.timeout(60), asyncio.TaskGroup() as tasks:
            started = [tasks.create_task(work(), name=name) for name, work in running.items()]
            async with database.transaction(EVERYTHING) as transaction:
                while not await transaction.connection.fetchval(
                    "select count(*) from report_updates where report = $1", report
                ):
                    await asyncio.sleep(0.1)
            for task in started:
                task.cancel()
        assert telling.figures()["updates_given_up"] == 0
