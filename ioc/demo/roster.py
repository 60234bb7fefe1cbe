"""The demo's teams and who is on duty: the district's officer and the province's operator, day after day."""

import datetime as dt
import itertools
import os
import uuid
import zoneinfo

from gis.stamp import uuid7
from ioc.access.scope import EVERYTHING
from ioc.demo.seed import DISTRICT, PEOPLE
from ioc.store import teams, ticket_policies
from ioc.store.database import Database
from ioc.store.teams import Duty, Team

DAYS = 14
"""Days from now on that have somebody on duty; each start of the demo adds what is missing."""

BEGINS = dt.time(7)
"""When a shift of a whole day begins, local time."""

TEAM, NAME = "ca-truc", "Ca trực"
ON_DUTY = {DISTRICT: "district", "quang-nam": "operator", "ky-thuat": "operator"}
"""Unit -> the account of the demo that is on duty; the technical team of the demo is the operator alone."""


async def seed_roster(database: Database, now: dt.datetime) -> None:
    """A team for each of the units, and its shifts of the next days; what is there already stays as it is."""
    async with database.transaction(EVERYTHING) as transaction:
        policy = await ticket_policies.current(transaction)
        zone = zoneinfo.ZoneInfo(policy.zone)
        for code, role in ON_DUTY.items():
            unit, login = policy.unit(code), PEOPLE[role].login
            if unit is None:
                continue
            team = Team(
                unit=code, code=TEAM, centre=unit.centre, name=NAME, members=(login,), version=1, updated_at=now
            )  # fmt: skip
            await teams.create(transaction, team)
            there = await teams.duties(transaction, now, now + dt.timedelta(days=DAYS + 1), 1_000, unit=code)
            known = {one.starts for one in there}
            wanted = _shifts(team, login, now, zone)
            await teams.lay_out(transaction, [one for one in wanted if one.starts not in known])


def _shifts(team: Team, login: str, now: dt.datetime, zone: zoneinfo.ZoneInfo) -> list[Duty]:
    """One shift a day, from the one that runs now."""
    series, here = _new_id(now), now.astimezone(zone)
    first = here.date() - dt.timedelta(days=here.time() < BEGINS)
    begins = [dt.datetime.combine(first + dt.timedelta(days=day), BEGINS, zone) for day in range(DAYS + 1)]
    return [
        Duty(
            id=_new_id(now), series=series, unit=team.unit, team=team.code, login=login, centre=team.centre,
            starts=start.astimezone(dt.UTC), until=end.astimezone(dt.UTC), note="", created_by="", created_at=now,
        )
        for start, end in itertools.pairwise(begins)
    ]  # fmt: skip


def _new_id(now: dt.datetime) -> uuid.UUID:
    return uuid7(now, os.urandom(10))
