"""Probing a camera by its address: what it is, what it offers, one picture. Nothing of it is kept.

A probe calls an address that somebody typed, so only who registers cameras may ask for it, only what this centre may
call is called, and both persons and addresses have a budget: cameras lock an account after a few wrong passwords, and
nobody scans a network with this. Each is noted before it begins, because its picture shows what nobody masked.
"""

import base64
import math
import time

import msgspec
from aiohttp import web

from ioc.access.rights import allows
from ioc.api import deeds, probe_words
from ioc.api.caller import CALLER
from ioc.api.limits import Buckets, Budget
from ioc.api.models_probe import Probe, Probed, ProbedDevice, ProbedProfile, ProbeStep
from ioc.api.parts import PARTS
from ioc.api.problems import ProblemError, language_of
from ioc.api.surface import BODY, May, Operation, describe
from ioc.probe_address import Wanted, wanted_of
from ioc.probing import BusyError, Found, Offered

BASE = "/api/v1/cameras/probe"

PERSON = Budget(12, 0.2)
HOST = Budget(5, 0.05)
"""Of one host: a handful at once, then three a minute."""

SPENT: web.AppKey[Buckets] = web.AppKey("probes", Buckets)


def registers(request: web.Request) -> None:
    """Problem 403 for who may not register cameras."""
    if not allows(request[CALLER].person.role, "register", "camera"):
        raise ProblemError("not-allowed")


def _spend(request: web.Request, wanted: Wanted | None) -> None:
    spent, at = request.app[SPENT], time.monotonic()
    wait = spent.take("person", request[CALLER].person.login, PERSON, at)
    if not wait and wanted is not None:
        wait = spent.take("host", wanted.host.rstrip(".").lower(), HOST, at)
    if wait > 0:
        seconds = math.ceil(wait)
        raise ProblemError("too-many-requests", headers={"Retry-After": str(seconds)}, seconds=seconds)


async def probe(request: web.Request) -> web.Response:
    """`POST /api/v1/cameras/probe`."""
    registers(request)
    parts, asked = request.app[PARTS], request[BODY]
    if parts.prober is None:
        raise ProblemError("probe-busy", headers={"Retry-After": "5"})
    wanted = _read(asked)
    _spend(request, wanted)
    thing = f"{wanted.host}:{wanted.onvif_port}" if wanted is not None else ""
    await deeds.noted(request, "camera.probe", "camera", thing)
    try:
        found = await parts.prober.probe(asked.address, asked.user, asked.password, asked.port)
    except BusyError:
        raise ProblemError("probe-busy", headers={"Retry-After": "5"}) from None
    language = language_of(request.headers.get("Accept-Language", ""), request[CALLER].person.language)
    return web.Response(
        body=msgspec.json.encode(told(found, language)), content_type="application/json",
        headers={"Cache-Control": "no-store"},
    )  # fmt: skip


def _read(asked: Probe) -> Wanted | None:
    try:
        return wanted_of(asked.address, asked.user, asked.password, asked.port)
    except ValueError:
        return None


def told(found: Found, language: str) -> Probed:
    """What was found, in somebody's language."""
    return Probed(
        steps=[
            ProbeStep(step=one.step, ok=one.ok, detail=probe_words.sentence(one, language), failure=one.failure or None)
            for one in found.steps
        ],
        device=ProbedDevice(**msgspec.structs.asdict(found.information)),
        profiles=[_profile(one) for one in found.profiles],
        position=None if found.located is None else (found.located.lon, found.located.lat),
        bearing=None if found.located is None else found.located.bearing,
        clock_skew_s=found.skew_s,
        events=list(found.events),
        picture=base64.b64encode(found.picture).decode() or None,
        took_s=found.took_s,
    )


def _profile(one: Offered) -> ProbedProfile:
    return ProbedProfile(
        name=one.name, stream=one.stream or None, snapshot=one.snapshot or None, codec=one.codec or None,
        width=one.width, height=one.height, fps=one.fps,
    )  # fmt: skip


def routes(app: web.Application) -> None:
    """Add the probe to an application."""
    app[SPENT] = Buckets()
    app.router.add_post(BASE, probe)
    describe(
        app,
        Operation(
            method="POST", path=BASE, vi="Dò một camera theo địa chỉ", en="Probe a camera by its address",
            may=May("register", "camera"), body=Probe, answers={200: Probed}, problems=("not-allowed", "probe-busy"),
            secret=True,
        ),
    )  # fmt: skip
