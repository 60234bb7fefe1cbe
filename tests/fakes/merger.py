"""Quảng Nam on the eve of 2025-07-01: districts, and in each some devices, tickets, incidents and people."""

import argparse
import datetime as dt
import itertools
import uuid
from collections.abc import Sequence
from importlib import resources
from pathlib import Path

import msgspec

from gis.areas import Area
from gis.position import Position
from ioc import area_loading, areas_arguments, areas_cli, data, ticket_work
from ioc.access.policy import Person
from ioc.access.scope import EVERYTHING
from ioc.incidents.incident import Incident, Place
from ioc.registration.release import Release, read
from ioc.settings import Settings
from ioc.store import incidents, people, registry, releases, ticket_policies
from ioc.store.database import Database, Transaction
from ioc.tickets.routing import Routed
from ioc.tickets.ticket import Ticket
from tests.fakes import things, tickets

FOLDER = Path(str(resources.files("ioc.data").joinpath("areas")))
RELEASES = ("quangnam-2024-09-01", "quangnam-2025-01-01", "danang-2025-07-01")
OCTOBER = dt.datetime(2024, 10, 1, 3, tzinfo=dt.UTC)
JANUARY = dt.datetime(2025, 1, 2, 3, tzinfo=dt.UTC)
EVE = dt.datetime(2025, 6, 30, 3, tzinfo=dt.UTC)
DAY = dt.datetime(2025, 7, 1, 3, tzinfo=dt.UTC)
"""Ten in the morning there."""

_bytes = itertools.count(1)


def entropy(size: int) -> bytes:
    """Bytes that are never the same."""
    return next(_bytes).to_bytes(size, "big")


def release(name: str) -> Release:
    """A shipped release."""
    return read(f"{name}.toml", lambda file: (FOLDER / file).read_bytes())


async def load(database: Database, name: str, now: dt.datetime) -> area_loading.Outcome:
    """Load a shipped release at a moment."""
    async with database.transaction(EVERYTHING) as transaction:
        return await area_loading.load(transaction, release(name), Settings().zone, now, "cli:thu")


async def command(url: str, words: str, now: dt.datetime) -> None:
    """Run `ioc areas …` or `ioc centre …` on a database."""
    parser = argparse.ArgumentParser()
    both = parser.add_subparsers()
    areas_arguments.describe_areas(both.add_parser("areas"))
    areas_arguments.describe_centres(both.add_parser("centre"))
    order = parser.parse_args(words.split())
    await areas_cli.work(order, lambda: now)(Settings(database_url=url))


async def found(transaction: Transaction, day: dt.date) -> list[Area]:
    """The units of a day."""
    return [area for area in await registry.load_areas(transaction) if area.holds_on(day)]


async def settle_centres(database: Database) -> None:
    """The shipped centres, which serve nothing yet."""
    async with database.transaction(EVERYTHING) as transaction:
        for one in data.centres():
            await registry.put_centre(transaction, one.code, one.name, one.name_en, one.kind, ())


class Spot(msgspec.Struct, frozen=True):
    """A place where something stands: the code of the unit of 2025-07-01 there, and a point within it."""

    code: str
    position: Position


def spots() -> list[Spot]:
    """A point in each of the 94 units to come."""
    return [Spot(unit.code, unit.inner) for unit in release(RELEASES[2]).units if unit.level == 2]


async def settle_devices(transaction: Transaction, area_of: dict[str, Area], centre_of: dict[str, str]) -> None:
    """A gauge in each unit to come whose place is in a district of 2025-06-30, and a camera beside that of Đại Lộc."""
    for spot in spots():
        area = area_of.get(spot.code)
        if area is None:
            continue
        centre = centre_of.get(area.fid, "quang-nam")
        one = things.device(f"gauge-{spot.code}", centre=centre, area=area.fid, position=spot.position)
        await registry.put_device(transaction, one, kind="river-gauge", approximate=False, note="", now=JANUARY)
    at = next(spot.position for spot in spots() if spot.code == "20500")
    camera = registry.CameraRow(
        code="cam-ai-nghia", centre="dai-loc", area="506@2024-09-01", name="Ái Nghĩa", kind="traffic", position=at,
        bearing=None, fov=None, settings={"scene": "traffic"},
    )  # fmt: skip
    await registry.put_camera(transaction, camera, "", JANUARY)


def incident(number: int, area: Area, position: Position, centre: str, **changed: object) -> Incident:
    """An incident of June in a district."""
    place = Place(centre=centre, area=area.fid, area_code=area.code, area_name=area.name, position=position)
    at = EVE - dt.timedelta(days=3)
    moments = dict.fromkeys(("opened_at", "updated_at", "first_at", "last_at"), at)
    return tickets.incident(number, place=place, **moments | changed)


async def settle_work(transaction: Transaction, some: Sequence[tuple[Area, Spot]]) -> list[Ticket]:
    """For each place an incident that goes on with a ticket at the centre's unit, and one that is closed."""
    policy, made = await ticket_policies.current(transaction), []
    serves = await releases.serves(transaction)
    for number, (area, spot) in enumerate(some):
        centre = serves.get(area.fid, "quang-nam")
        going = incident(2000 + number, area, spot.position, centre)
        over = incident(3000 + number, area, spot.position, centre, status="closed")
        await incidents.save_incidents(transaction, [(going, None), (over, None)])
        routed = await ticket_work.routed_to(transaction, going, policy, EVE)
        made += await ticket_work.opened(
            transaction, going, Routed(unit=routed.unit, why="gần"), policy, EVE, "system", entropy
        )
    return made


async def account(transaction: Transaction, login: str, areas: Sequence[str], centre: str | None = None) -> uuid.UUID:
    """An account that is bound to units."""
    person = Person(login=login, name=login, role="viewer", centre=centre, language="vi", areas=tuple(areas))
    return await people.create_account(transaction, uuid.uuid4(), person, "-", OCTOBER)
