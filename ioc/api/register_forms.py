"""From what is asked for to the record as it is to be, with everything checked that one record alone shows."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import msgspec
from aiohttp import web
from msgspec import UNSET

from cameras.camera import Camera
from cameras.onvif_probe import shown
from gis.footprint import Ground, GroundPoint
from ioc.api import checks, register_places
from ioc.api.models_register import CameraFields, DeviceFields, NewCamera, NewDevice
from ioc.api.parts import PARTS
from ioc.api.problems import ProblemError
from ioc.api.problems_register import FIELDS
from ioc.api.query import bad
from ioc.registration.aim import aimed
from ioc.registration.lawful import blocking, laws
from ioc.registration.record import SETTINGS, AnyRecord, CameraRecord, DeviceRecord, tidy
from ioc.retention import classes, media_classes
from ioc.store.database import Transaction

Drafted = NewDevice | NewCamera
Fields = DeviceFields | CameraFields

_LEFT = frozenset({"expected_version", "reason", "position", "centre"})
"""Members of a request that are no fields, or need the database."""


def _said(asked: Drafted | Fields) -> dict[str, Any]:
    """The members that are there, as the record has them."""
    values = {name: getattr(asked, name) for name in asked.__struct_fields__ if name not in _LEFT}
    values = {name: value for name, value in values.items() if value is not UNSET}
    return values | {"tags": tidy(values["tags"])} if "tags" in values else values


def _settings(values: dict[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of a camera after a change, as they are kept: what is empty is not there."""
    found = {name: values.pop(name) for name in SETTINGS if name in values}
    kept: dict[str, Any] = msgspec.json.decode(msgspec.json.encode({**before, **found}))
    if kept.get("transport") == "tcp":
        del kept["transport"]
    return {name: value for name, value in kept.items() if value not in (None, "", [])}


async def drafted(request: web.Request, transaction: Transaction, asked: Drafted) -> AnyRecord:
    """A new record. Problems of what cannot be used, and of a place that is not the caller's."""
    values = _said(asked)
    place = await register_places.position(transaction, asked.position)
    owned = await register_places.owner(request, transaction, place, asked.centre)
    values |= {"position": place, "centre": owned.centre, "area": owned.area}
    made: AnyRecord
    if isinstance(asked, NewDevice):
        made = DeviceRecord(**values | {"kind": asked.kind or asked.profile})
    else:
        settings = _settings(values, {})
        made = CameraRecord(**values | {"kind": asked.kind or asked.scene}, settings=settings)
    register_places.reachable(request, made.subject, made.code, owned)
    await _checked(request, transaction, None, made)
    return made


async def changed(request: web.Request, transaction: Transaction, before: AnyRecord, asked: Fields) -> AnyRecord:
    """A record as it is to be. Problems of what cannot be used, and of a place that is not the caller's."""
    values = _said(asked)
    if asked.position is not UNSET or asked.centre is not UNSET:
        place = before.position
        if asked.position is not UNSET:
            place = await register_places.position(transaction, asked.position)
        centre = "" if asked.centre is UNSET else asked.centre
        owned = await register_places.owner(request, transaction, place, centre, before)
        register_places.reachable(request, before.subject, before.code, owned)
        values |= {"position": place, "centre": owned.centre, "area": owned.area}
    if before.subject == "camera":
        values["settings"] = _settings(values, before.settings)
    after = msgspec.structs.replace(before, **values)
    if before.subject == "camera" and after.subject == "camera":
        after = aimed(before, after)
    await _checked(request, transaction, before, after)
    return after


async def _checked(request: web.Request, transaction: Transaction, before: AnyRecord | None, after: AnyRecord) -> None:
    known = request.app[PARTS].profiles
    if after.subject == "device":
        if after.profile not in known and (before is None or after.profile != getattr(before, "profile", "")):
            raise bad("profile", " | ".join(sorted(known)))
        through = after.gateway
    else:
        watchable(after)
        through = after.settings.get("gateway")
    if before is None or (through, after.centre) != (_through(before), before.centre):
        await register_places.gateway(transaction, through, after.centre)
    if after.retention and (before is None or after.retention != before.retention):
        words = media_classes() if after.subject == "camera" else classes()
        if after.retention not in words:
            raise bad("retention", " | ".join(sorted(words)))
    if before is not None and after.lifecycle == "active":
        lawful(request, after, but=blocking(before, request.app[PARTS].law))


def _through(record: AnyRecord) -> str | None:
    return record.gateway if record.subject == "device" else record.settings.get("gateway")


def lawful(request: web.Request, record: AnyRecord, *, but: tuple[str, ...] = ()) -> None:
    """Problem 409 naming the fields, and the laws that ask for them, without which it may not be active.

    `but` are those that it lacked before: what was active before the policy asked stays so.
    """
    law = request.app[PARTS].law
    missing = [field for field in blocking(record, law) if field not in but]
    if not missing:
        return
    named = [FIELDS[field] for field in missing]
    problem = ProblemError("law-missing", fields=", ".join(missing), laws=laws(missing, record, law))
    vi, en = (", ".join(one[language] for one in named) for language in (0, 1))
    raise problem.because(f"Còn thiếu: {vi}.", f"It lacks: {en}.").carrying(missing=missing)


def watchable(record: CameraRecord) -> None:
    """Problem naming what the camera room could not use, of a camera's settings."""
    settings = {name: value for name, value in record.settings.items() if name in Camera.__struct_fields__}
    settings.pop("main", None)
    onvif = str(record.settings.get("onvif", ""))
    parts = urlsplit(onvif)
    if onvif and (parts.scheme not in ("http", "https") or not parts.hostname or shown(onvif) != onvif):
        raise bad("onvif", "http://host[:port]/path")
    main = str(record.settings.get("main", ""))
    if "@" in main or shown(main) != main:
        raise bad("main", "/path | rtsp://host[:port]/path")
    about = {
        "scene": "street",
        **settings,
        "code": record.code,
        "centre": record.centre,
        "bearing_deg": record.bearing,
        "fov_deg": record.fov,
        "address": {"url": "rtsp://127.0.0.1/"},
    }
    try:
        camera = msgspec.convert(about, Camera)
    except msgspec.ValidationError as error:
        raise checks.explained(error) from None
    marked(camera.calibration)


def marked(marks: tuple[GroundPoint, ...]) -> Ground | None:
    """The ground by four marks or more, None without any. Problem 422 for marks that give none."""
    if not marks:
        return None
    try:
        return Ground(marks)
    except ValueError as error:
        raise ProblemError("marks-refused", why=str(error)) from None
