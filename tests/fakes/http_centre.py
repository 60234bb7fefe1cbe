"""A real server over a real PostgreSQL, with two centres and a person of each kind."""

import asyncio
import datetime as dt
import secrets
import uuid
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp
import asyncpg

from gis.position import Position
from gis.stamp import uuid7
from ioc import catalogue
from ioc.access.passwords import hash_password
from ioc.access.policy import Person
from ioc.access.scope import EVERYTHING
from ioc.access.tokens import digest
from ioc.api.parts import Parts, Picture, Settings
from ioc.api.server import build, running
from ioc.board import Board
from ioc.incidents.alarm import Source
from ioc.rehearsal import Rehearsals
from ioc.replay import Replayer
from ioc.rulebook import Rulebook
from ioc.store import people
from ioc.store.changes import Change, record
from ioc.store.database import Database, Transaction
from ioc.store.observations import ObservationStore
from ioc.store.readings import Owner
from ioc.store.tokens import create_token
from sensors.codecs import ioc as ioc_codec
from sensors.decoder import Decoder
from tests.fakes.things import device

PASSWORD = "a long enough phrase"
PEOPLE = {
    "admin": ("admin", None),
    "operator": ("operator", "quang-nam"),
    "district": ("district", "hoi-an"),
    "viewer": ("viewer", None),
}


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def new_id() -> uuid.UUID:
    return uuid7(now(), secrets.token_bytes(10))


class OneCamera:
    async def newest(self, code: str) -> Picture | None:
        return Picture(jpeg=b"\xff\xd8jpeg", taken_at=now(), state="live") if code == "cam-one" else None


class Centre:
    """The running server, its database, and requests in a person's name."""

    def __init__(self, url: str, owner: asyncpg.Connection, database: Database, http: aiohttp.ClientSession) -> None:
        self.url, self.owner, self.database, self.http = url, owner, database, http
        self.tokens = {name: secrets.token_urlsafe(32) for name in PEOPLE}
        self.rulebook: Rulebook
        self.media = Path()
        self.wall = Path()

    def settle_in(self, folder: Path) -> None:
        """Where pictures and pages are."""
        self.media, self.wall = folder / "media", folder / "wall"
        self.media.mkdir()

    def bearer(self, name: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.tokens[name]}"}

    async def get(self, path: str, who: str | None = "admin", **headers: str) -> tuple[int, Any, Any]:
        """Status, body (JSON or bytes), headers."""
        mine = self.bearer(who) if who else {}
        async with self.http.get(self.url + path, headers=mine | headers, allow_redirects=False) as answer:
            body = await answer.json(content_type=None) if "json" in answer.content_type else await answer.read()
            return answer.status, body, answer.headers

    async def post(self, path: str, body: Any, who: str | None = "admin", **headers: str) -> tuple[int, Any]:
        mine = self.bearer(who) if who else {}
        async with self.http.post(self.url + path, json=body, headers=mine | headers) as answer:
            return answer.status, await answer.json(content_type=None)

    async def ask(
        self, method: str, path: str, body: Any = None, who: str | None = "admin", **headers: str
    ) -> tuple[int, Any]:
        """Status and JSON body of any request."""
        mine = self.bearer(who) if who else {}
        async with self.http.request(method, self.url + path, json=body, headers=mine | headers) as answer:
            return answer.status, await answer.json(content_type=None)

    async def incident(self, centre: str = "quang-nam", **values: Any) -> str:
        fields = incident_row(centre) | values
        lon, lat = values.pop("lon", 108.0), values.pop("lat", 15.6)
        fields = {name: value for name, value in fields.items() if name not in ("lon", "lat")}
        names = ", ".join(fields)
        marks = ", ".join(f"${number}" for number in range(1, len(fields) + 1))
        place = f"st_setsrid(st_makepoint({float(lon)}, {float(lat)}), 4326)"
        await self.owner.execute(f"insert into incidents ({names}, geom) values ({marks}, {place})", *fields.values())
        return str(fields["id"])

    async def change(self, transaction: Transaction, name: str, **values: Any) -> None:
        """Record a change of an imagined incident."""
        fields = {"centre": "quang-nam", "area": "502@2024-09-01", "op": "put", "at": now()} | values
        value = {"type": "Feature", "id": name, "geometry": None, "properties": {}}
        await record(transaction, [Change(subject="incident", subject_id=name, value=value, **fields)])

    async def told(self, name: str, **values: Any) -> None:
        async with self.database.transaction(EVERYTHING) as transaction:
            await transaction.connection.execute("select pg_current_xact_id()")
            await self.change(transaction, name, **values)


def incident_row(centre: str) -> dict[str, Any]:
    at = now()
    return {
        "id": new_id(),
        "centre": centre,
        "area": "502@2024-09-01",
        "version": 1,
        "key": secrets.token_hex(8),
        "title": "Nước sông vượt báo động II",
        "title_en": "River above alarm level II",
        "category": "flood",
        "severity": "severe",
        "status": "new",
        "area_code": "502",
        "area_name": "Tam Kỳ",
        "sources": ["sensor"],
        "alarms": 1,
        "count": 1,
        "cleared": False,
        "opened_at": at,
        "updated_at": at,
        "first_at": at,
        "last_at": at,
    }


_SEED = """
insert into centres values ('quang-nam', 'Quảng Nam', 'Quang Nam', 'province'),
                           ('hoi-an', 'Hội An', 'Hoi An', 'district');
insert into areas (fid, code, name, kind, level, valid_from, valid_to, label, geom) select
  code || '@' || first, code, name, 'district', 2, first::date, last::date,
  st_setsrid(st_makepoint(x, 15.5), 4326),
  st_multi(st_setsrid(st_makeenvelope(x - 0.4, 15, x + 0.4, 16), 4326))
  from (values ('502', 'Tam Kỳ', '2024-09-01', '2025-07-01', 108.0),
  ('20335', 'Bàn Thạch', '2025-07-01', null, 108.2))
    as a(code, name, first, last, x);
insert into devices (code, centre, area, name, kind, profile, state, state_since, geom) values
  ('gauge-one', 'quang-nam', '502@2024-09-01', 'Trạm Một', 'river-gauge', 'river-gauge', 'fresh', now(),
   st_setsrid(st_makepoint(108.1, 15.6), 4326)),
  ('gauge-two', 'hoi-an', '502@2024-09-01', 'Trạm Hai', 'river-gauge', 'river-gauge', 'lost', now(),
   st_setsrid(st_makepoint(108.3, 15.9), 4326));
insert into cameras (code, centre, area, name, kind, settings, state, state_since, geom, view) values
  ('cam-one', 'quang-nam', '502@2024-09-01', 'Camera Một', 'street', '{}', 'live', now(),
   st_setsrid(st_makepoint(108.1, 15.6), 4326),
   st_setsrid(st_makeenvelope(108.1, 15.6, 108.11, 15.61), 4326)),
  ('cam-two', 'hoi-an', '502@2024-09-01', 'Camera Hai', 'street', '{}', 'silent', now(),
   st_setsrid(st_makepoint(108.3, 15.9), 4326), null);
insert into streams (centre, device, property, unit, retention) values
  ('quang-nam', 'gauge-one', 'water_level', 'm', 2), ('hoi-an', 'gauge-two', 'water_level', 'm', 2);
insert into owners (centre, area) select distinct centre, '502@2024-09-01' from streams;
insert into latest select id, centre, '502@2024-09-01', now(), null, now(), 6.5, 0, false from streams;
select ensure_readings_day((now() at time zone 'UTC')::date);
select ensure_readings_day((now() at time zone 'UTC')::date - 1);
insert into readings (at, stream, seq, value, quality, derived, run, arrived_at, owner, retention)
  select now() - make_interval(mins => 30 - i), s.id, i, 6 + i / 10.0, 0, i % 2 = 0, 'r', now(), o.id, s.retention
  from streams s join owners o using (centre), generate_series(1, 20) i;
"""


async def _people(database: Database, centre: Centre) -> None:
    kept = hash_password(PASSWORD)
    async with database.transaction(EVERYTHING) as transaction:
        for name, (role, home) in PEOPLE.items():
            person = Person(login=name, name=name.title(), role=role, centre=home, language="vi")
            account = await people.create_account(transaction, uuid.uuid4(), person, kept, now())
            await create_token(transaction, account, digest(centre.tokens[name]), "test", now())


async def _ready() -> tuple[bool, dict[str, Any]]:
    return True, {"database": {"ready": True}}


GAUGES = {
    code: Source(code=code, name=code, centre=centre, area="502@2024-09-01", position=Position(lon=lon, lat=lat))
    for code, centre, lon, lat in (("gauge-one", "quang-nam", 108.1, 15.6), ("gauge-two", "hoi-an", 108.3, 15.9))
}

OWNERS = {
    code: Owner(centre, "502@2024-09-01") for code, centre in (("gauge-one", "quang-nam"), ("gauge-two", "hoi-an"))
}


def replayer(database: Database) -> Replayer:
    """Replays by the two gauges that are there and the default codec."""
    devices = {code: device(code, centre=owner.centre, area=owner.area) for code, owner in OWNERS.items()}
    decoder = Decoder(lambda: devices, {"ioc": ioc_codec.decode})

    def store() -> ObservationStore:
        return ObservationStore(database, lambda: OWNERS, lambda device, name: "m")

    return Replayer(database, decoder, lambda: OWNERS, store, now)


def rehearsals(database: Database, rulebook: Rulebook, **options: Any) -> Rehearsals:
    """Tests of rules on what the two gauges measured."""
    zone, policy = ZoneInfo("Asia/Ho_Chi_Minh"), catalogue.policy()
    return Rehearsals(database, rulebook, lambda: GAUGES, lambda code: "river-gauge", zone, policy, **options)


@asynccontextmanager
async def running_centre(
    url_of: Callable[[str], str], folder: Path, more: Mapping[str, Any] | None = None, **options: Any
) -> AsyncIterator[Centre]:
    """A server with everything in it over an empty database, whose address `url_of` gives by role.

    `more` stands in for parts of the same name, `options` go to the board.
    """
    owner = await asyncpg.connect(url_of("ioc_owner"))
    try:
        await owner.execute(_SEED)
        async with Database.open(url_of("ioc_app")) as database, aiohttp.ClientSession() as http:
            centre = Centre("", owner, database, http)
            centre.rulebook = Rulebook(database, catalogue.profiles(), demo=False)
            centre.settle_in(folder)
            await _people(database, centre)
            async with serving(centre, database, more, **options) as centre.url:
                yield centre
    finally:
        await owner.close()


@asynccontextmanager
async def serving(
    centre: Centre, database: Database, more: Mapping[str, Any] | None = None, **options: Any
) -> AsyncIterator[str]:
    """A server over a centre's database, one of several if wanted: its address."""
    board = Board(database, **options)
    given: dict[str, Any] = {
        "database": database,
        "board": board,
        "replayer": replayer(database),
        "now": now,
        "pictures": OneCamera(),
        "media": centre.media,
        "wall": centre.wall,
        "basemap": lambda name: b'{"type":"FeatureCollection","features":[]}',
        "ready": _ready,
        "settings": Settings(centre="quang-nam", replay_speed=60),
        "levels": lambda device, name: {"moderate": 6.5},
        "rule_fault": centre.rulebook.fault,
        "rehearsals": rehearsals(database, centre.rulebook),
    }
    application = build(Parts(**given | dict(more or {})))
    async with running(application, "127.0.0.1", 0) as port, asyncio.TaskGroup() as tasks:
        follower = tasks.create_task(board.run(), name="board")
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            follower.cancel()
