"""The picture of any moment is what a wall that listened then held: a real server, its stream and a real PostgreSQL."""

import asyncio
import datetime as dt
import itertools
import random
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import pytest

from gis.layers import ALARMS, CAMERAS, DEVICES, INCIDENTS, LIVE_TICKETS, OPEN_STATUSES, moment
from ioc.access.policy import Person
from ioc.access.scope import EVERYTHING
from ioc.access.tokens import digest
from ioc.keeper import Keeper
from ioc.retention import classes
from ioc.store import changes, layers, past, people
from ioc.store.readings import Owner
from ioc.store.tokens import create_token
from tests.conftest import Fresh
from tests.fakes.http_centre import Centre, now, running_centre
from tests.fakes.incidents import alarm

AREA = "502@2024-09-01"
READERS = ("admin", "operator", "district")
CENTRES = ("quang-nam", "hoi-an")
LAYER = {"incident": "incidents", "alarm": "alarms", "ticket": "tickets", "device": "devices", "camera": "cameras"}

Picture = dict[tuple[str, str], dict[str, Any]]


@pytest.fixture
async def centre(migrated: Fresh, tmp_path: Path) -> AsyncIterator[Centre]:
    async with running_centre(migrated.url, tmp_path) as one:
        yield one


def keeper(centre: Centre) -> Keeper:
    async def believed() -> bool:
        return True

    return Keeper(centre.database, classes(), now, believed)


def over(layer: str, feature: dict[str, Any]) -> bool:
    """Whether a wall lets go of it."""
    about = feature["properties"]
    if not about:
        return True  # a mark of `caught_up`
    match layer:
        case "incidents":
            return about["status"] not in OPEN_STATUSES
        case "alarms":
            return about["cleared_at"] is not None or about["match"] == "suppressed"
        case "tickets":
            return about["state"] not in LIVE_TICKETS
    return False


class Wall:
    """A wall that listens to the stream for as long as it is up."""

    def __init__(self) -> None:
        self.picture: Picture = {}
        self.version = 0
        self.told = asyncio.Event()

    async def listen(self, centre: Centre, who: str) -> None:
        address = f"{centre.url}/api/v1/live?snapshot=1"
        async with centre.http.get(address, headers=centre.bearer(who)) as answer:
            await self._read(answer.content)

    async def _read(self, content: aiohttp.StreamReader) -> None:
        name, version = "", ""
        while line := await content.readline():
            field, _, value = line.rstrip(b"\n").partition(b": ")
            if field == b"id":
                version = value.decode()
            elif field == b"event":
                name = value.decode()
            elif field == b"data":
                self._take(name, orjson.loads(value))
                self.version = int(version or 0)
                self.told.set()
                self.told = asyncio.Event()

    def _take(self, name: str, event: dict[str, Any]) -> None:
        if name not in LAYER:
            return
        key = (LAYER[name], event["subject"])
        if ".removed." in event["type"] or over(LAYER[name], event["data"]):
            self.picture.pop(key, None)
        else:
            self.picture[key] = event["data"]


class History:
    """Things that happen, as the desk and the watch write them: the row, then what the log is told of it."""

    def __init__(self, centre: Centre, seed: int) -> None:
        self.centre, self.dice = centre, random.Random(seed)
        self.incidents: dict[str, str] = {}
        self.alarms: dict[str, str] = {}

    async def step(self) -> None:
        deeds = [self.opens, self.acknowledges, self.closes, self.moves, self.raises, self.clears]
        await self.dice.choice([*deeds, self.hears, self.turns])()

    async def tell(self, layer: Any, name: str, home: str, before: str | None = None) -> None:
        async with self.centre.database.transaction(EVERYTHING) as transaction:
            if before is None:
                await changes.record_features(transaction, layer, [name], {name: Owner(home, AREA)}, now())
                return
            [feature] = await layers.features_of(transaction, layer, [name])
            moved = changes.Change(
                subject=layer.subject, subject_id=name, op="put", centre=home, area=AREA, at=now(), value=feature,
                centre_before=before,
            )  # fmt: skip
            await changes.record(transaction, [moved])

    async def opens(self) -> None:
        home = self.dice.choice(CENTRES)
        name = await self.centre.incident(home)
        self.incidents[name] = home
        await self.tell(INCIDENTS, name, home)

    async def _incident(self, text: str, *values: Any) -> str | None:
        if not self.incidents:
            return None
        name = self.dice.choice(sorted(self.incidents))
        await self.centre.owner.execute(
            f"update incidents set {text}, version = version + 1, updated_at = now() where id = $1",
            uuid.UUID(name), *values,
        )  # fmt: skip
        return name

    async def acknowledges(self) -> None:
        if (name := await self._incident("status = 'acknowledged', owner = 'lan'")) is not None:
            await self.tell(INCIDENTS, name, self.incidents[name])

    async def closes(self) -> None:
        if (name := await self._incident("status = $2", self.dice.choice(("closed", "false_alarm")))) is not None:
            await self.tell(INCIDENTS, name, self.incidents[name])

    async def moves(self) -> None:
        home = self.dice.choice(CENTRES)
        if (name := await self._incident("centre = $2", home)) is not None:
            before, self.incidents[name] = self.incidents[name], home
            await self.tell(INCIDENTS, name, home, None if before == home else before)

    async def raises(self) -> None:
        home = self.dice.choice(CENTRES)
        name = await alarm(self.centre, None, centre=home)
        self.alarms[name] = home
        await self.tell(ALARMS, name, home)

    async def clears(self) -> None:
        if self.alarms:
            name = self.dice.choice(sorted(self.alarms))
            await self.centre.owner.execute("update alarms set cleared_at = now() where id = $1", uuid.UUID(name))
            await self.tell(ALARMS, name, self.alarms.pop(name))

    async def hears(self) -> None:
        code, home = self.dice.choice((("gauge-one", "quang-nam"), ("gauge-two", "hoi-an")))
        state = self.dice.choice(("fresh", "stale", "lost"))
        await self.centre.owner.execute("update devices set state = $2 where code = $1", code, state)
        await self.tell(DEVICES, code, home)

    async def turns(self) -> None:
        """A camera changes its state and stands elsewhere."""
        code, home = self.dice.choice((("cam-one", "quang-nam"), ("cam-two", "hoi-an")))
        place = f"st_setsrid(st_makepoint({108 + self.dice.random()}, 15.6), 4326)"
        await self.centre.owner.execute(f"update cameras set state = $2, geom = {place} where code = $1", code, "live")
        await self.tell(CAMERAS, code, home)


async def caught_up(centre: Centre, walls: dict[str, Wall]) -> dt.datetime:
    """A moment at which every wall has heard all that was told."""
    newest: int = await centre.owner.fetchval("select max(id) from changes")
    at: dt.datetime = await centre.owner.fetchval("select clock_timestamp()")
    async with asyncio.timeout(20):
        await centre.told("mark")  # of quang-nam, and told to the district as well, so that all hear something later
        await centre.told("mark", centre="hoi-an")
        for wall in walls.values():
            while wall.version <= newest:
                await wall.told.wait()
    return at


async def picture(centre: Centre, who: str, at: dt.datetime) -> Picture:
    status, body, _ = await centre.get(f"/api/v1/past?at={at:%Y-%m-%dT%H:%M:%S.%fZ}", who)
    assert status == 200, body
    return {(layer, one["id"]): one for layer in LAYER.values() for one in body[layer]}


@pytest.mark.parametrize("seed", [1, 2])
async def test_the_picture_of_a_moment_is_what_a_wall_that_listened_then_held(
    centre: Centre, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(past, "EVERY_CHANGES", 23)
    keeping, history = keeper(centre), History(centre, seed)
    await keeping.picture()
    walls = {who: Wall() for who in READERS}
    held: list[tuple[dt.datetime, dict[str, Picture]]] = []
    async with asyncio.TaskGroup() as tasks:
        listening = [tasks.create_task(wall.listen(centre, who), name=who) for who, wall in walls.items()]
        for _ in range(12):
            for _ in range(history.dice.randint(1, 9)):
                await history.step()
            at = await caught_up(centre, walls)
            held.append((at, {who: dict(wall.picture) for who, wall in walls.items()}))
            await keeping.picture()
        for task in listening:
            task.cancel()
    assert len({len(pictures["admin"]) for _, pictures in held}) > 3, "the histories tell something"
    for at, pictures in held:
        for who in READERS:
            assert await picture(centre, who, at) == pictures[who], (who, at)
    await _played(centre, held)


async def _played(centre: Centre, held: list[tuple[dt.datetime, dict[str, Picture]]]) -> None:
    """From one moment the changes between lead to the next."""
    for who in READERS:
        for (first, before), (last, after) in itertools.pairwise(held):
            shown, query = dict(before[who]), f"from={moment_of(first)}&to={moment_of(last)}&limit=3"
            step: int | None = 0
            while step is not None:
                status, body, _ = await centre.get(f"/api/v1/past/changes?{query}&after={step}", who)
                assert status == 200, body
                for change in body["changes"]:
                    key = (LAYER[change["subject"]], change["id"])
                    if change["op"] == "removed" or over(key[0], change["feature"]):
                        shown.pop(key, None)
                    else:
                        shown[key] = change["feature"]
                step = body["next"]
            assert shown == after[who]


def moment_of(at: dt.datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S.%fZ}"


async def test_the_picture_of_now_is_the_snapshot(centre: Centre) -> None:
    """What was there before the log began is known from the first picture on."""
    await centre.incident()
    await centre.incident(status="closed")
    await keeper(centre).picture()
    wall = Wall()
    async with asyncio.TaskGroup() as tasks:
        listening = tasks.create_task(wall.listen(centre, "admin"), name="wall")
        async with asyncio.timeout(20):
            while len(wall.picture) < 5:
                await wall.told.wait()
        listening.cancel()
    assert await picture(centre, "admin", now()) == wall.picture
    assert len(wall.picture) == 5


async def _person(centre: Centre, name: str, **fields: Any) -> None:
    centre.tokens[name] = f"token of {name}"
    async with centre.database.transaction(EVERYTHING) as transaction:
        person = Person(login=name, name=name, role="assessor", centre=None, language="en", **fields)
        account = await people.create_account(transaction, uuid.uuid4(), person, "-", now())
        await create_token(transaction, account, digest(centre.tokens[name]), "test", now())


async def test_nobody_looks_farther_back_than_he_may(centre: Centre) -> None:
    await _person(centre, "of-now", span="live")
    await _person(centre, "of-a-day", span="day")
    await keeper(centre).picture()
    await centre.owner.execute("update past_pictures set told_at = now() - interval '3 days'")
    await centre.owner.execute("update changes set told_at = now() - interval '3 days'")
    hour, week = (moment(now() - span) for span in (dt.timedelta(hours=1), dt.timedelta(hours=25)))
    for path in ("/api/v1/past?at={}", f"/api/v1/past/changes?from={{}}&to={moment(now())}"):
        for who, at, wanted in (
            ("of-now", hour, (403, "past-not-yours")), ("of-now", moment(now()), (403, "past-not-yours")),
            ("of-a-day", week, (403, "past-not-yours")), ("of-a-day", hour, (200, None)),
            ("admin", week, (200, None)), ("admin", moment(now() - dt.timedelta(days=4)), (404, "past-unknown")),
            ("admin", moment(now() + dt.timedelta(hours=1)), (400, "past-to-come")),
            ("admin", "yesterday", (400, "bad-value")), ("admin", "2026-01-01", (400, "bad-value")),
        ):  # fmt: skip
            status, body, _ = await centre.get(path.format(at), who)
            assert (status, body.get("code")) == wanted, (path, who, at, body)
    status, body, _ = await centre.get("/api/v1/past/span", "of-a-day")
    assert status == 200
    assert abs(dt.datetime.fromisoformat(body["oldest"]) - now() + dt.timedelta(hours=24)) < dt.timedelta(minutes=2)
    assert (await centre.get("/api/v1/past/span", "of-now"))[0] == 403


async def test_the_span_names_the_days_on_which_areas_changed(centre: Centre) -> None:
    """Districts gave way to communes and wards on 2025-07-01."""
    await keeper(centre).picture()
    for oldest, wanted in (("2025-06-30T10:00:00Z", ["2025-07-01"]), ("2025-06-30T17:00:00Z", [])):
        await centre.owner.execute("update past_pictures set told_at = $1", dt.datetime.fromisoformat(oldest))
        status, body, _ = await centre.get("/api/v1/past/span")
        assert (status, body["areas_changed"]) == (200, wanted)


async def test_the_span_counts_what_was_opened_by_hour_and_severity(centre: Centre) -> None:
    assert (await centre.get("/api/v1/past/span"))[1]["code"] == "past-not-begun"
    await keeper(centre).picture()
    await centre.owner.execute("update past_pictures set told_at = '2026-01-01T00:00:00Z'")
    first = dt.datetime(2026, 1, 2, 3, 10, tzinfo=dt.UTC)
    for minutes, home, severity in ((0, "quang-nam", "extreme"), (40, "hoi-an", "minor"), (60, "hoi-an", "minor")):
        await centre.incident(home, severity=severity, opened_at=first + dt.timedelta(minutes=minutes))
    status, body, _ = await centre.get("/api/v1/past/span")
    assert status == 200
    assert [(one["at"], one["extreme"], one["minor"]) for one in body["opened"]] == [
        ("2026-01-02T03:00:00Z", 1, 1),
        ("2026-01-02T04:00:00Z", 0, 1),
    ]
    assert body["areas_changed"] == []
    _, body, _ = await centre.get("/api/v1/past/span", "operator")
    assert [(one["at"], one["extreme"], one["minor"]) for one in body["opened"]] == [("2026-01-02T03:00:00Z", 1, 0)]
