"""What is missing: the numbers that a device counted and that never came here, and the devices with such gaps."""

import datetime as dt
from typing import Annotated

import msgspec
from aiohttp import web

from ioc.api.caller import CALLER
from ioc.api.media import code_of
from ioc.api.models import Code
from ioc.api.ogc import said
from ioc.api.parts import PARTS
from ioc.api.problems import ProblemError
from ioc.api.query import Query
from ioc.api.surface import May, Operation, describe
from ioc.store import sequences
from ioc.store.away import AWAY

_LIMIT_DEFAULT, _LIMIT_MOST = 100, 1_000


class Gap(msgspec.Struct, rename={"first": "from", "last": "to"}):
    """Missing numbers `from` to `to`, both included; `since` and `until` are the device's own times beside them."""

    first: int
    last: int
    count: int
    since: dt.datetime | None
    until: dt.datetime | None


class RunOfDevice(msgspec.Struct):
    """One run of a device: the greatest number that is here, how many below it are missing, the newest gaps first.

    `counted_anew` is how often the device began again without changing its run; nobody knows what was missing before.
    """

    run: str
    counted_anew: int
    through: int
    newest_at: dt.datetime | None
    arrived_at: dt.datetime
    missing: int
    gaps: list[Gap]


class GapsOfDevice(msgspec.Struct):
    """What is missing of a device, the newest run first.

    `lag_s` is the arrival of its newest message less the message's own time: way and delay, and what its clock is
    wrong. Below nought the clock is ahead.
    """

    device: Code
    name: str
    centre: Code
    missing: int
    lag_s: float | None
    runs: list[RunOfDevice]


class DeviceWithGaps(msgspec.Struct):
    """A device with missing numbers; `newest_at` is when, by its own time, the newest of them was past."""

    device: Code
    name: str
    centre: Code
    missing: int
    newest_at: dt.datetime


class GapsOfAll(msgspec.Struct):
    """How many devices have gaps that are younger than a week, how many numbers they miss, and the worst of them."""

    devices: int
    missing: int
    items: list[DeviceWithGaps]


async def of_device(request: web.Request) -> web.Response:
    """`GET /api/v1/devices/{code}/gaps`."""
    Query(request.rel_url.query, set())
    code = code_of(request)
    async with request.app[PARTS].database.transaction(request[CALLER].scope, read_only=True) as transaction:
        found = await sequences.of_device(transaction, code)
    if found is None:
        raise ProblemError("not-found")
    return said(dict(found))


async def of_all(request: web.Request) -> web.Response:
    """`GET /api/v1/gaps?limit=N`."""
    parts = request.app[PARTS]
    limit = Query(request.rel_url.query, {"limit"}).whole("limit", _LIMIT_DEFAULT, 1, _LIMIT_MOST)
    async with parts.database.transaction(request[CALLER].scope, read_only=True) as transaction:
        found = await sequences.worst(transaction, parts.now(), limit)
    return said(dict(found))


async def figures(request: web.Request) -> dict[str, float]:
    """The same for `/metrics`: of the places that the reader may see, also for a token that sees no device.

    None while the database is away.
    """
    parts = request.app[PARTS]
    scope = msgspec.structs.replace(request[CALLER].scope, kinds=frozenset({"device"}))
    try:
        async with parts.database.transaction(scope, read_only=True) as transaction:
            found = await sequences.worst(transaction, parts.now(), 1)
    except AWAY:
        return {}
    return {"ioc_devices_with_gaps": found["devices"], "ioc_missing_messages": found["missing"]}


def routes(app: web.Application) -> None:
    """Add gaps to an application."""
    app.router.add_get("/api/v1/devices/{code}/gaps", of_device)
    app.router.add_get("/api/v1/gaps", of_all)
    limit = Annotated[int, msgspec.Meta(ge=1)]
    describe(
        app,
        Operation(
            method="GET", path="/api/v1/devices/{code}/gaps", vi="Bản tin còn thiếu của thiết bị",
            en="Messages that are missing of a device", answers={200: GapsOfDevice}, may=May("see", "device"),
        ),
        Operation(
            method="GET", path="/api/v1/gaps", vi="Các thiết bị còn thiếu bản tin",
            en="Devices with missing messages, the worst first", query={"limit": limit},
            answers={200: GapsOfAll}, may=May("see", "device"),
        ),
    )  # fmt: skip
