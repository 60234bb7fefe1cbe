"""The scripted flood of October 2025: everything that is told, in the order of its times, and what must come of it."""

import csv
import datetime as dt
import tomllib
import uuid
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from gis.areas import AreaIndex
from gis.observation import Notice, Observation, Reading, Reference, Report, Sighting, Value
from gis.position import Position
from gis.stamp import Stamp, digest_of
from ioc import catalogue
from ioc.data import CentreMap, centre_map
from ioc.demo import recording
from ioc.demo.registry import registry
from ioc.incidents.alarm import Source
from ioc.incidents.rules import Rule
from ioc.store.notices import stamp_of

DATA = Path(__file__).parents[1] / "data/flood"
VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
CENTRE, CITY = "quang-nam", "48@2025-07-01"
SENDER = "lu-thang-10"
CHANNEL = "1022"


class Incident(msgspec.Struct, frozen=True, kw_only=True):
    """An incident that must come: `members` are events, or sources of alarms."""

    category: str
    place: str
    worst: str
    members: tuple[str, ...]
    why: str


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """An alarm that must wait, and the incidents (category, place, who opened it) between which a person decides."""

    alarm: str
    candidates: tuple[tuple[str, str, str], ...]
    why: str


class Suppressed(msgspec.Struct, frozen=True, kw_only=True):
    """An alarm that must create nothing, and its parent."""

    alarm: str
    parent: str
    why: str


class River(msgspec.Struct, frozen=True, kw_only=True):
    """Whose incident lies downstream of those of which gauges."""

    downstream: str
    upstream: tuple[str, ...]
    why: str


class Expected(msgspec.Struct, frozen=True, kw_only=True):
    """All that must come."""

    incident: tuple[Incident, ...]
    waiting: tuple[Waiting, ...]
    suppressed: tuple[Suppressed, ...]
    river: tuple[River, ...]


class Script(msgspec.Struct, frozen=True, kw_only=True):
    """What is told, each at its time, and by whom. `sensed` names the devices by which an event is told."""

    told: tuple[tuple[dt.datetime, Observation], ...]
    sources: Mapping[str, Source]
    profiles: Mapping[str, str]
    events: tuple[str, ...]
    sensed: Mapping[str, frozenset[str]]


def expected() -> Expected:
    """The incidents that were written down by reading."""
    return msgspec.convert(_toml("expected.toml"), Expected)


def rules() -> tuple[Rule, ...]:
    """The shipped rules, and those of the staged devices."""
    pack = _toml("rules.toml")
    return (*catalogue.rules(demo=False), *(catalogue.rule_of(pack["pack"], one) for one in pack["rule"]))


def script(index: AreaIndex) -> Script:
    """The whole flood."""
    staged = _toml("staged.toml")
    told = [*_gauged(), *_sensed(staged), *_seen(staged), *_spoken(index, staged)]
    sensed: dict[str, set[str]] = {}
    for device in staged["device"]:
        for one in device["readings"]:
            sensed.setdefault(one.get("event", ""), set()).add(device["code"])
    return Script(
        told=tuple(sorted(told, key=lambda one: one[0])),
        sources={source.code: source for source in _sources(index, staged)},
        profiles=_profiles(staged),
        events=tuple(row["id"] for row in _events()),
        sensed={event: frozenset(codes) for event, codes in sensed.items() if event},
    )


@cache
def _toml(name: str) -> dict[str, Any]:
    return tomllib.loads((DATA / name).read_text("utf-8"))


@cache
def _events() -> list[dict[str, str]]:
    with (DATA / "events.csv").open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


def area_at(index: AreaIndex, position: Position) -> str:
    """The unit of 2025 that holds a place, else the city."""
    found = index.holding(position, dt.date(2025, 10, 28))
    return CITY if found is None else found.fid


@cache
def _centres() -> CentreMap:
    return centre_map()


def serving(area: str) -> str:
    """The centre that serves a unit: whose it is what is told or measured there."""
    return _centres().of_area(area)


def _sources(index: AreaIndex, staged: Mapping[str, Any]) -> Iterator[Source]:
    played = {source for _, one in _gauged() if (source := one.stamp.source)}
    for thing, _ in registry().everything():
        if thing.code in played:
            yield Source(
                code=thing.code,
                name=thing.name,
                centre=thing.centre,
                area=thing.area,
                position=Position(lon=thing.position[0], lat=thing.position[1]),
            )
    for one in [*staged["device"], *staged["camera"]]:
        at = Position(lon=one["position"][0], lat=one["position"][1])
        area = area_at(index, at)
        yield Source(code=one["code"], name=one["code"], centre=serving(area), area=area, position=at)


def _profiles(staged: Mapping[str, Any]) -> dict[str, str]:
    found = {thing.code: thing.profile for thing, _ in registry().everything()}
    return found | {one["code"]: one["profile"] for one in staged["device"]}


def _reading(source: str, at: dt.datetime, values: Mapping[str, float]) -> Reading:
    digest = digest_of(f"{source} {at.isoformat()} {sorted(values.items())}".encode())
    stamp = Stamp(centre=CENTRE, source=source, at=at.astimezone(dt.UTC), digest=digest)
    return Reading(stamp=stamp, values=tuple(Value(name, number) for name, number in values.items()))


@cache
def _gauged() -> list[tuple[dt.datetime, Reading]]:
    """The gauges and the rain that the demo plays."""
    folder = files("ioc.demo").joinpath("data/flood")
    levels = recording.river(folder.joinpath("levels.csv").read_text("utf-8"))
    rain = recording.rain(folder.joinpath("rainfall.csv").read_text("utf-8"))
    found = [_reading(one.device, one.recorded_at, one.values) for one in (*levels, *rain)]
    return [(one.stamp.at, one) for one in found]


def _sensed(staged: Mapping[str, Any]) -> Iterator[tuple[dt.datetime, Reading]]:
    for device in staged["device"]:
        for one in device["readings"]:
            read = _reading(device["code"], one["at"], {device["property"]: one["value"]})
            yield read.stamp.at, read


def _seen(staged: Mapping[str, Any]) -> Iterator[tuple[dt.datetime, Sighting]]:
    for camera in staged["camera"]:
        begins = camera["from"].astimezone(dt.UTC)
        name = str(uuid.uuid5(uuid.NAMESPACE_URL, camera["code"]))
        phases = (("start", begins), ("update", begins + dt.timedelta(seconds=30)), ("end", camera["to"]))
        for number, (phase, at) in enumerate(phases, 1):
            at = at.astimezone(dt.UTC)
            place = Position(lon=camera["position"][0], lat=camera["position"][1])
            stamp = Stamp(centre=CENTRE, source=camera["code"], at=at, run="w1", sequence=number, position=place)
            seen = Sighting(id=name, stamp=stamp, kind=camera["kind"], subject="street", track=name, error_m=2.0)
            yield at, msgspec.structs.replace(seen, phase=phase, since=begins)


def _spoken(index: AreaIndex, staged: Mapping[str, Any]) -> Iterator[tuple[dt.datetime, Report | Notice]]:
    kinds = _toml("kinds.toml")["category"]
    for row, at in zip(_events(), event_times(), strict=True):
        place = Position(lon=float(row["lon"]), lat=float(row["lat"]))
        error_m = float(row["precision_km"]) * 1000
        if row["channel_hint"] == "citizen_report":
            told = _report(index, row["id"], at, kinds[row["kind"]], row["severity"], place)
            yield at, msgspec.structs.replace(told, text=row["place"], error_m=error_m)
        elif row["channel_hint"] == "agency_notice":
            yield at, _notice(index, row, at, kinds[row["kind"]], place, error_m)
    for one in staged["report"]:
        at = one["at"].astimezone(dt.UTC)
        told = _report(
            index,
            one["id"],
            at,
            one["category"],
            one["severity"],
            Position(lon=one["position"][0], lat=one["position"][1]),
        )
        yield at, msgspec.structs.replace(told, numbers=tuple(one.get("numbers", ())))


def event_times() -> list[dt.datetime]:
    """The moment of each event: as stated, else by its part of the day; those of one moment a second apart."""
    hours, many, found = _toml("kinds.toml")["hour"], dict[dt.datetime, int](), []
    for row in _events():
        at = dt.datetime.fromisoformat(row["time"])
        if row["precision"] == "day":
            at = at.replace(hour=hours[row["part_of_day"] or "unsaid"], tzinfo=VIETNAM)
        at = at.astimezone(dt.UTC)
        many[at] = many.get(at, 0) + 1
        found.append(at + dt.timedelta(seconds=many[at]))
    return found


def _report(index: AreaIndex, number: str, at: dt.datetime, category: str, severity: str, place: Position) -> Report:
    area = area_at(index, place)
    stamp = Stamp(centre=serving(area), source=CHANNEL, at=at, digest=digest_of(number.encode()), position=place)
    name = str(uuid.uuid5(uuid.NAMESPACE_URL, number))
    return Report(id=name, stamp=stamp, number=number, area=area, category=category, severity=severity, text=number)


def _notice(
    index: AreaIndex, row: Mapping[str, str], at: dt.datetime, category: str, place: Position, error_m: float
) -> Notice:
    area = area_at(index, place)
    return Notice(
        id=str(uuid.uuid5(uuid.NAMESPACE_URL, row["id"])),
        stamp=stamp_of(serving(area), SENDER, Reference(at, SENDER, row["id"]), place),
        sender=SENDER,
        identifier=row["id"],
        area=area,
        category=category,
        event=row["kind"],
        severity=row["severity"],
        headline=row["place"],
        error_m=error_m,
    )
