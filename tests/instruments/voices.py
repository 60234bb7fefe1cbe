"""Citizens and agencies who tell a centre of a flood, round after round, and what must have come of it."""

import asyncio
import datetime as dt
from collections import Counter
from typing import Any

import aiohttp

from gis.observation import Notice, Report
from gis.position import Position
from ioc.access.scope import EVERYTHING
from ioc.store import notices, reports
from ioc.store.database import Database
from tests.fakes.tellers import MINUTE, notice, report
from tests.fakes.things import NOW
from tests.instruments.world import World

WEST, EAST, BETWEEN = (Position(lon=lon, lat=15.88) for lon in (108.25, 108.282, 108.266))
"""So far apart that the floods in the west and in the east are two; what is told between them may belong to either."""

SECOND = dt.timedelta(seconds=1)
PATHS = {Report: "/api/v1/reports", Notice: "/api/v1/notices"}

SAID = """
select a.key, a.count, a.match, st_x(i.geom)::float as lon from alarms a left join incidents i on i.id = a.incident
where a.source_kind in ('citizen', 'agency')
"""


class Voices:
    """A hotline and an agency; both keep what they told until it is acknowledged."""

    def __init__(self, centre: World) -> None:
        self._centre = centre
        self._level: list[Notice] = []

    def round(self, at: dt.datetime) -> list[Report | Notice]:
        """A report of each place, a warning for the west, and one for the east that updates the last.

        The warnings come after the reports, because they say less precisely where.
        """
        number, minutes = len(self._level), (at + 3 * SECOND - NOW) / MINUTE
        places = {"west": WEST, "east": EAST, "between": BETWEEN}
        told: list[Report | Notice] = [
            report(f"{name}-{number}", at=at + later * SECOND, position=place, error_m=50.0)
            for later, (name, place) in enumerate(places.items())
        ]
        ends = dt.datetime.now(dt.UTC) + dt.timedelta(hours=3)
        before = self._level[-1:]
        level = notice(
            f"level-{number}",
            minutes,
            position=EAST,
            kind="update" if before else "alert",
            references=tuple(one.reference for one in before),
            expires=ends,
        )
        self._level.append(level)
        return [*told, notice(f"warning-{number}", minutes, position=WEST, expires=ends), level]

    async def enter(self, at: dt.datetime) -> None:
        """Tell a round straight into the database, each in a transaction as the API has one."""
        async with Database.open(self._centre.url("ioc_app"), size=1) as database:
            for one in self.round(at):
                now = dt.datetime.now(dt.UTC)
                async with database.transaction(EVERYTHING) as transaction:
                    if isinstance(one, Report):
                        assert await reports.enter(transaction, one, now, "tester", reports.Reporter())
                    else:
                        assert await notices.enter(transaction, one, now, "tester", None)

    async def post(self, url: str, token: str, at: dt.datetime) -> None:
        """Tell a round by the API, each again and again until it is acknowledged."""
        headers = {"Authorization": f"Bearer {token}"}
        async with aiohttp.ClientSession(url, headers=headers, timeout=aiohttp.ClientTimeout(5)) as http:
            for one in self.round(at):
                while not await _acknowledged(http, one):
                    await asyncio.sleep(0.05)

    async def judge(self) -> int:
        """Each has its alarm once, in the incident of its place, or waits for a person. Returns their number."""
        rounds = len(self._level)
        rows = await self._centre.rows(SAID)
        each = Counter({f"report:1022:{place}-{n}": 1 for place in ("west", "east", "between") for n in range(rounds)})
        each |= {f"notice:{self._level[0].sender}:warning-{number}": 1 for number in range(rounds)}
        level = f"notice:{self._level[0].sender}:level-0"
        assert Counter(row["key"] for row in rows) == each | {level: 1}
        assert {row["count"] for row in rows if row["key"] != level} == {1}
        assert [row["count"] for row in rows if row["key"] == level] == [rounds]
        waits = {row["key"] for row in rows if row["match"] == "waiting"}
        assert waits == {key for key in each if "between" in key}, rows
        homes = {row["key"]: row["lon"] for row in rows if row["key"] not in waits}
        for key, lon in homes.items():
            wanted = WEST if "west" in key or "warning" in key else EAST
            assert lon is not None, f"{key} is in no incident"
            assert abs(lon - wanted.lon) < 0.002, f"{key} is in the incident of another place"
        return len(rows)


def _body(told: Report | Notice) -> dict[str, Any]:
    place, same = told.stamp.position, {"category": told.category, "severity": told.severity}
    assert place is not None
    if isinstance(told, Report):
        own = {"channel": told.stamp.source, "number": told.number, "at": told.stamp.at.isoformat(), "text": told.text}
        return {**same, **own, "position": [place.lon, place.lat], "error_m": told.error_m}
    assert told.expires is not None
    names = [
        {"sender": one.sender, "identifier": one.identifier, "sent": one.sent.isoformat()} for one in told.references
    ]
    about = {"sender": told.sender, "identifier": told.identifier, "sent": told.stamp.at.isoformat(), "kind": told.kind}
    said = {"headline": told.headline, "expires": told.expires.isoformat(), "references": names}
    return {**same, **about, **said, "position": [place.lon, place.lat], "radius_m": told.error_m}


async def _acknowledged(http: aiohttp.ClientSession, told: Report | Notice) -> bool:
    """Whether an answer says that it is kept; a server that ends or is away may say anything but a refusal."""
    try:
        async with http.post(PATHS[type(told)], json=_body(told)) as answer:
            assert answer.status < 400 or answer.status in (429, 503), await answer.text()
            return answer.status in (200, 201)
    except (aiohttp.ClientError, TimeoutError):
        return False
