"""Records of the register as answers tell them."""

import datetime as dt
import math
from collections.abc import Iterable, Mapping
from typing import Any

from aiohttp import web

from cameras.place import field_of_view
from ioc.api.models_register import (
    AddressOf,
    CameraOf,
    DeviceOf,
    ExpiringKey,
    FieldChange,
    HistoryEntry,
    KeyOf,
    Measure,
)
from ioc.api.parts import PARTS
from ioc.foreign import eye_of
from ioc.registration.lawful import blocking, unlawful
from ioc.registration.lifecycle import steps_from
from ioc.registration.record import AnyRecord, CameraRecord, Entry, Record, Subject
from ioc.store import addresses, register_rows
from ioc.store import keys as key_store
from ioc.store.addresses import Place
from ioc.store.database import Transaction
from sensors.profile import Profile

_PLAIN = tuple(name for name in Record.__struct_fields__ if name not in ("position", "tags"))
_SETTINGS: Mapping[str, Any] = {
    "scene": "street", "height_m": None, "tilt_deg": None, "calibration": [], "lines": [], "zones": [], "masks": [],
    "gateway": None, "link": "", "known_as": [], "codec": "", "onvif": "", "frame": None, "main": "",
    "transport": "tcp",
}  # fmt: skip
"""What a camera has that its settings do not name."""


async def keys_of(transaction: Transaction, codes: Iterable[str], at: dt.datetime) -> dict[str, KeyOf]:
    """The keys of things at the broker that are good now."""
    found = await key_store.states(transaction, codes, at)
    return {
        code: KeyOf(
            user=one.user,
            made_at=one.made_at,
            seen_at=one.seen_at,
            expiring=None if one.expiring is None else ExpiringKey(user=one.expiring.user, until=one.expiring.until),
        )
        for code, one in found.items()
    }


async def models(
    request: web.Request, transaction: Transaction, subject: Subject, records: list[AnyRecord]
) -> list[DeviceOf | CameraOf]:
    """Records with the names of their areas, what the law misses of each, and their keys."""
    areas = await register_rows.area_names(transaction, (one.area for one in records))
    keys = await keys_of(transaction, [one.code for one in records], request.app[PARTS].now())
    places = await addresses.places(transaction, [one.code for one in records]) if subject == "camera" else {}
    law, profiles = request.app[PARTS].law, request.app[PARTS].profiles
    found: list[DeviceOf | CameraOf] = []
    for one in records:
        about: dict[str, Any] = {name: getattr(one, name) for name in _PLAIN} | {
            "position": one.position.lonlat,
            "tags": list(one.tags),
            "area_name": areas.get(one.area, ""),
            "steps": list(steps_from(one.lifecycle)),
            "unlawful": list(unlawful(one, law)),
            "blocking": list(blocking(one, law)) if one.lifecycle not in ("active", "retired") else [],
            "key": keys.get(one.code),
        }
        found.append(_camera(one, about, places) if one.subject == "camera" else _device(one, about, profiles))
    return found


def _device(record: AnyRecord, about: dict[str, Any], profiles: Mapping[str, Profile]) -> DeviceOf:
    own: dict[str, Any] = {name: getattr(record, name) for name in ("profile", "gateway", "approximate")}
    profile = profiles.get(own["profile"])
    payload = "" if profile is None else profile.codec
    return DeviceOf(**about, **own, payload=payload, measures=measures_of(profile))


def measures_of(profile: Profile | None) -> list[Measure]:
    """What devices of a profile send."""
    if profile is None:
        return []
    return [
        Measure(
            name=one.name,
            unit=one.unit,
            title=one.title,
            title_en=one.title_en,
            minimum=one.minimum if math.isfinite(one.minimum) else None,
            maximum=one.maximum if math.isfinite(one.maximum) else None,
        )
        for one in profile.properties.values()
    ]


def _camera(record: CameraRecord, about: dict[str, Any], places: Mapping[str, Place]) -> CameraOf:
    settings = dict(_SETTINGS) | {name: value for name, value in record.settings.items() if name in _SETTINGS}
    settings |= {"bearing": record.bearing, "fov": record.fov}
    ring = field_of_view(eye_of(record)) or ()
    return CameraOf(**about, **settings, address=address_of(places.get(record.code)), view=[c.lonlat for c in ring])


def address_of(place: Place | None) -> AddressOf | None:
    """What may be said of an address: never user, password, query, or a path that holds words with `=`."""
    if place is None or not place.host:
        return None
    path = place.path.partition("?")[0]
    return AddressOf(host=place.host, port=place.port, path="/…" if "=" in path else path, kind=place.kind)


async def model(request: web.Request, transaction: Transaction, record: AnyRecord) -> DeviceOf | CameraOf:
    """One record."""
    return (await models(request, transaction, record.subject, [record]))[0]


def history_of(entry: Entry) -> HistoryEntry:
    """A line of a history."""
    changes = [FieldChange(field=one.field, before=one.before, after=one.after) for one in entry.changes]
    same: dict[str, Any] = {name: getattr(entry, name) for name in ("at", "version", "by", "act", "reason")}
    return HistoryEntry(**same, changes=changes)
