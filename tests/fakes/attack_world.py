"""Two centres full of marked things, a program of each role in each of them, and what each route is attacked with.

Every text of a centre's things holds the centre's mark, which stands in no address: an answer that holds the mark
of another centre has leaked, and so has one that holds an id of its things that was not in the address.
"""

import datetime as dt
import secrets
import uuid
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import orjson

from gis.layers import LAYERS
from ioc.access.policy import Person
from ioc.access.scope import EVERYTHING
from ioc.access.tokens import digest
from ioc.api.limits import Budget, Limits
from ioc.gallery import Gallery
from ioc.store import people
from ioc.store.changes import Change, record
from ioc.store.tokens import create_token
from tests.fakes import (
    attack_availability,
    attack_cameras,
    attack_duty,
    attack_endpoints,
    attack_enrolment,
    attack_finding,
    attack_imports,
    attack_inbox,
    attack_keys,
    attack_letters,
    attack_messages,
    attack_past,
    attack_people,
    attack_quality,
    attack_register,
    attack_rules,
    attack_silences,
    attack_steps,
    attack_tickets,
    attack_told,
)
from tests.fakes.attack_things import Attack, Things
from tests.fakes.http_centre import Centre, incident_row, new_id, now, running_centre
from tests.fakes.incidents import alarm

ROLES = ("admin", "operator", "district", "registrar", "viewer", "assessor")
PLACES = {"quang-nam": ("one", 108.1, 15.6), "hoi-an": ("two", 108.3, 15.9)}
WIDE = Limits(write=Budget(10_000, 1_000), address=Budget(10_000, 1_000))
"""So that every attack is judged by what it aims at and none is turned away for being one of many."""

TILES = ("0/0/0", "8/116/204", "8/116/205", "10/466/819", "10/466/820", "10/467/819")


class World:
    """The running server, the things by centre, and the tokens by (centre, role)."""

    def __init__(self, centre: Centre) -> None:
        self.server = centre
        self.things: dict[str, Things] = {}
        self.tokens: dict[tuple[str, str], str] = {}

    async def ask(self, attack: Attack, token: str | None, **headers: str) -> tuple[int, bytes]:
        """Status and raw body; a stream is read up to its first pause."""
        mine = {"Authorization": f"Bearer {token}"} if token else {}
        body = None if attack.body is None else orjson.dumps(attack.body)
        mine |= {"Content-Type": "application/json"} if body is not None else {}
        url = self.server.url + attack.address
        http = self.server.http
        async with http.request(attack.method, url, data=body, headers=mine | headers, allow_redirects=False) as answer:
            if answer.content_type == "multipart/mixed":
                return answer.status, await answer.content.readany()
            if answer.content_type != "text/event-stream" or answer.status != 200:
                return answer.status, await answer.read()
            told = b""
            while b"event: ready" not in told:
                told += await answer.content.readany()
            return answer.status, told

    async def openapi(self) -> dict[str, Any]:
        """The document that the server gives."""
        status, body, _ = await self.server.get("/api/v1/openapi.json")
        assert status == 200
        document: dict[str, Any] = body
        return document


async def _incident(centre: Centre, code: str, mark: str, lon: float, lat: float) -> tuple[str, str, str]:
    row = {"title": mark, "title_en": mark, "area_name": mark, "key": mark, "owner": mark, "lon": lon, "lat": lat}
    incident = await centre.incident(code, **row)
    owner = centre.owner
    await owner.execute(
        "insert into incident_log (incident, centre, area, at, who, what, text) "
        "values ($1, $2, '502@2024-09-01', now(), $3, 'opened', $3)",
        uuid.UUID(incident), code, mark,
    )  # fmt: skip
    texts = dict.fromkeys(("source", "source_name", "title", "title_en"), mark)
    evidence = orjson.dumps({"value": 7.1, "text": mark}).decode()
    own = {"centre": code, "lon": lon, "lat": lat, "evidence": evidence, **texts}
    return incident, await alarm(centre, incident, key=mark, **own), await alarm(centre, None, key=f"{mark} 2", **own)


async def _media(centre: Centre, code: str, camera: str, mark: str) -> str:
    media = new_id()
    await centre.owner.execute(
        "insert into media values ($1, $2, '502@2024-09-01', $3, 'sighting', 'image/jpeg', 3, sha256($5), now(), $4)",
        media, code, camera, now() + dt.timedelta(hours=1), b"\xff\xd8" + mark.encode(),
    )  # fmt: skip
    (centre.media / f"{media}.jpg").write_bytes(b"\xff\xd8" + mark.encode())
    return str(media)


async def _fill(centre: Centre, code: str) -> Things:
    number, lon, lat = PLACES[code]
    mark, change = f"mark{secrets.token_hex(8)}", str(new_id())
    device, camera = f"gauge-{number}", f"cam-{number}"
    incident, known, waiting = await _incident(centre, code, mark, lon, lat)
    await centre.owner.execute("update devices set name = $1, note = $1, kind = $1 where code = $2", mark, device)
    await centre.owner.execute(
        "update cameras set name = $1, note = $1, kind = $1, "
        "view = st_expand(st_envelope(geom), 0.01) where code = $2", mark, camera,
    )  # fmt: skip
    await centre.owner.execute(
        "insert into sequences values ($1, $2, $3, 0, 0, $4, 9, now(), now(), 9, now(), true)",
        device, mark, code, "[[9, 9, null, null]]",
    )  # fmt: skip
    await centre.owner.execute("update streams set unit = $1 where device = $2", mark, device)
    letter = await centre.owner.fetchval(
        "insert into dead_letters (centre, area, source, topic, head, bytes, sha256, code, reason, arrived_at) values "
        "($1, '502@2024-09-01', $2, $3, convert_to($3, 'utf8'), length($3), '', 'not_json', $3, now()) returning id",
        code, device, mark,
    )  # fmt: skip
    await centre.owner.execute(attack_register.HISTORY, device, camera, mark)
    await centre.owner.execute(attack_rules.FILL)
    await centre.owner.execute(attack_rules.OVERRIDE, device, code)
    ticket = await attack_tickets.ticket(centre.owner, code, mark, incident)
    things = Things(
        letter=letter, centre=code, mark=mark, incident=incident, alarm=known, waiting=waiting, device=device,
        camera=camera, change=change, media=await _media(centre, code, camera, mark),
        silence=await attack_silences.silenced(centre.owner, code, mark, known),
        duty=await attack_duty.rostered(centre.owner, code, mark),
        ticket=ticket,
        message=await attack_messages.told(centre.owner, code, mark, ticket),
        report=await attack_told.report(centre.owner, code, mark),
        notice=await attack_told.notice(centre.owner, code, mark),
    )  # fmt: skip
    await _fill_more(centre, things, lon, lat)
    await tell(centre, things)
    return things


async def _fill_more(centre: Centre, things: Things, lon: float, lat: float) -> None:
    """What has no id that is asked for."""
    await attack_past.shown(centre, things, lon, lat)
    await attack_quality.counted(centre.owner, things.centre, things.mark)
    await attack_endpoints.endpoint(centre.owner, things.centre, things.mark)
    await attack_enrolment.waiting(centre.owner, things.centre, things.mark)
    await attack_imports.checked(centre.owner, things.centre, things.mark)


async def tell(centre: Centre, things: Things) -> None:
    """Record a change of a thing of a centre, as the desk does."""
    properties = {"title": things.mark, "centre": things.centre}
    value = {"type": "Feature", "id": things.change, "geometry": None, "properties": properties}
    change = Change(
        subject="incident", subject_id=things.change, value=value, centre=things.centre,
        area="502@2024-09-01", op="put", at=now(),
    )  # fmt: skip
    async with centre.database.transaction(EVERYTHING) as transaction:
        await record(transaction, [change])


async def _programs(world: World) -> None:
    centre = world.server
    async with centre.database.transaction(EVERYTHING) as transaction:
        for home in PLACES:
            for role in ROLES:
                token = world.tokens[home, role] = secrets.token_urlsafe(32)
                name = f"{home}-{role}"
                person = Person(login=name, name=name, role=role, centre=home, language="vi")
                account = await people.create_account(transaction, uuid.uuid4(), person, "-", now())
                await create_token(transaction, account, digest(token), "attack", now())


@asynccontextmanager
async def attacked(
    url_of: Callable[[str], str], folder: Path, more: Mapping[str, Any] | None = None, **options: Any
) -> AsyncIterator[World]:
    """The world over an empty, migrated database; `more` and `options` as of `running_centre`."""
    gallery = Gallery(folder / "media", make=False)
    async with running_centre(
        url_of, folder, {"limits": WIDE, "gallery": gallery} | dict(more or {}), **options
    ) as centre:
        gallery.drafts.mkdir()
        world = World(centre)
        await _programs(world)
        for code in PLACES:
            world.things[code] = await _fill(centre, code)
        yield world


Rule = Callable[[str, Things], Iterator[Attack]]


def no_thing(path: str, other: Things) -> Iterator[Attack]:
    """A route that names no thing: it must not tell of others' things."""
    yield Attack("GET", path)


def collection(path: str, other: Things) -> Iterator[Attack]:
    """A route of each collection."""
    for name in LAYERS:
        yield Attack("GET", path.format(collection=name))


def items(path: str, other: Things) -> Iterator[Attack]:
    """A page of each collection: plain, by box, by every property that could name the other's things."""
    _, lon, lat = PLACES[other.centre]
    box = f"bbox={lon - 0.2},{lat - 0.2},{lon + 0.2},{lat + 0.2}"
    names = {
        "centre": other.centre, "code": (other.device, other.camera), "device": other.device,
        "incident": other.incident, "area_code": "502",
    }  # fmt: skip
    for layer in LAYERS.values():
        own = path.format(collection=layer.id)
        plane = "bbox=0,0,1600000,3400000&bbox-crs=http://www.opengis.net/def/crs/EPSG/0/5899"
        sort = f"sortby=-{layer.fields[0].name}&limit=10000"
        for query in ("limit=10000", "limit=1", box, "datetime=2020-01-01T00:00:00Z/..", plane, sort, "f=csv"):
            yield Attack("GET", f"{own}?{query}")
        for name, values in names.items():
            field = layer.field(name)
            if field is not None and field.filter:
                for value in (values,) if isinstance(values, str) else values:
                    yield Attack("GET", f"{own}?{name}={value}")


def item(path: str, other: Things) -> Iterator[Attack]:
    """Each thing as a feature."""
    for name, fid in other.features.items():
        yield Attack("GET", path.format(collection=name, fid=fid), hidden=True)


def tile(path: str, other: Things) -> Iterator[Attack]:
    """Tiles that hold the other's things."""
    for name in LAYERS:
        for place in TILES:
            z, row, col = place.split("/")
            yield Attack("GET", path.format(collection=name, z=z, row=row, col=col))


def incident(path: str, other: Things) -> Iterator[Attack]:
    """An incident by its id, and by ids of other things in its place."""
    for one in (other.incident, other.alarm, other.media):
        yield Attack("GET", path.format(id=one), hidden=True)


def readings(path: str, other: Things) -> Iterator[Attack]:
    """Readings of another's device."""
    yield Attack("GET", path.format(code=other.device) + "?property=water_level&hours=24", hidden=True)


def gaps(path: str, other: Things) -> Iterator[Attack]:
    """The missing numbers of another's device; their run is the other's mark."""
    yield Attack("GET", path.format(code=other.device), hidden=True)


def media(path: str, other: Things) -> Iterator[Attack]:
    """A picture of evidence."""
    yield Attack("GET", path.format(id=other.media), hidden=True)


def hold(path: str, other: Things) -> Iterator[Attack]:
    """A legal hold of another's evidence, and its end."""
    yield Attack("POST", path.format(id=other.media), {"why": "an inquiry"}, hidden=True)


def picture(path: str, other: Things) -> Iterator[Attack]:
    """The newest picture of a camera."""
    yield Attack("GET", path.format(code=other.camera), hidden=True)


def live_views(path: str, other: Things) -> Iterator[Attack]:
    """What cameras show, as video and as still pictures; also beside one that is shown."""
    for query in (f"?codes={other.camera}", f"?stills={other.camera}", f"?codes=cam-none,{other.camera}"):
        yield Attack("GET", path + query, hidden=True)


def basemap(path: str, other: Things) -> Iterator[Attack]:
    """The base map is everybody's."""
    yield Attack("GET", path.format(name="rivers"))


def basemap_tile(path: str, other: Things) -> Iterator[Attack]:
    """The base map is everybody's, as tiles too."""
    for place in TILES[:3]:
        z, row, col = place.split("/")
        yield Attack("GET", path.format(z=z, row=row, col=col))


def stream(path: str, other: Things) -> Iterator[Attack]:
    """The stream: a snapshot, and every change from the first on."""
    yield Attack("GET", f"{path}?snapshot=1")
    yield Attack("GET", f"{path}?last_event_id=0")


def sign_out(path: str, other: Things) -> Iterator[Attack]:
    """A program that signs out ends nobody's session."""
    yield Attack("DELETE", path)


def sign_in(path: str, other: Things) -> Iterator[Attack]:
    """A wrong password for a person of the other centre."""
    yield Attack("POST", path, {"user": f"{other.centre}-operator", "password": "wrong"})


_OGC = "/ogc/collections/{collection}"
RULES: dict[tuple[str, str], Rule] = {
    ("get", "/ogc"): no_thing,
    ("get", "/ogc/"): no_thing,
    ("get", "/ogc/api"): no_thing,
    ("get", "/ogc/conformance"): no_thing,
    ("get", "/ogc/collections"): no_thing,
    ("get", _OGC): collection,
    ("get", f"{_OGC}/queryables"): collection,
    ("get", f"{_OGC}/schema"): collection,
    ("get", f"{_OGC}/sortables"): collection,
    ("get", f"{_OGC}/items"): items,
    ("get", f"{_OGC}/items/{{fid}}"): item,
    ("get", f"{_OGC}/tiles"): collection,
    ("get", f"{_OGC}/tiles/WebMercatorQuad"): collection,
    ("get", f"{_OGC}/tiles/WebMercatorQuad/{{z}}/{{row}}/{{col}}"): tile,
    ("get", "/api/v1/live"): stream,
    ("get", "/api/v1/incidents/{id}"): incident,
    ("get", "/api/v1/devices/{code}/readings"): readings,
    ("get", "/api/v1/devices/{code}/gaps"): gaps,
    ("get", "/api/v1/gaps"): no_thing,
    ("get", "/api/v1/media/{id}"): media,
    ("get", "/api/v1/media/{id}/record"): media,
    ("post", "/api/v1/media/{id}/hold"): hold,
    ("post", "/api/v1/media/{id}/release"): hold,
    ("get", "/api/v1/cameras/{code}/picture"): picture,
    ("get", "/api/v1/cameras/{code}/live"): picture,
    ("get", "/api/v1/cameras/{code}/stills"): picture,
    ("get", "/api/v1/cameras/live"): live_views,
    ("get", "/api/v1/centres/state"): no_thing,
    ("get", "/api/v1/basemap/{name}"): basemap,
    ("get", "/api/v1/basemap/tiles/{z}/{row}/{col}"): basemap_tile,
    ("post", "/api/v1/session"): sign_in,
    ("get", "/api/v1/session"): no_thing,
    ("delete", "/api/v1/session"): sign_out,
    ("get", "/api/v1/openapi.json"): no_thing,
    ("get", "/api/docs"): no_thing,
    ("get", "/api/docs.css"): no_thing,
    ("get", "/healthz"): no_thing,
    ("get", "/readyz"): no_thing,
    ("get", "/metrics"): no_thing,
    **attack_cameras.RULES,
    **attack_endpoints.RULES,
    **attack_finding.RULES,
    **attack_imports.RULES,
    **attack_inbox.RULES,
    **attack_keys.RULES,
    **attack_letters.RULES,
    **attack_duty.RULES,
    **attack_messages.RULES,
    **attack_people.RULES,
    **attack_rules.RULES,
    **attack_past.RULES,
    **attack_quality.RULES,
    **attack_availability.RULES,
    **attack_enrolment.RULES,
    **attack_register.RULES,
    **attack_silences.RULES,
    **attack_steps.RULES,
    **attack_tickets.RULES,
    **attack_told.RULES,
}
"""How each route of the document is attacked; one without a rule fails the tests."""

__all__ = ["RULES", "Attack", "Things", "World", "attacked", "incident_row", "tell"]
