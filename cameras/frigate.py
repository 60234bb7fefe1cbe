"""Frigate's `events` as sightings (docs.frigate.video, MQTT): each tracked object is one life under one id.

A message carries the object before and after a change, so that nothing has to be remembered: new, update and end are
start, update and end of the life; a zone that comes or goes is a moment; standing still is a life of its own
(`stopped`). What Frigate itself marks as a false positive never becomes a sighting. Names of people, number plates and
descriptions are left alone: they are personal data and need a purpose of their own. Also read: the objects that its
HTTP API lists, and the older `<camera>/events/start` and `/end`.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from cameras.camera import Box
from cameras.foreign import (
    LARGEST_PAYLOAD,
    NOWHERE,
    Believes,
    Eye,
    Speaker,
    Told,
    class_of,
    clipped,
    code_form,
    dated,
    life_id,
    moment_of,
    number,
    part_of_one,
    refused,
    sighting,
    together,
    word,
)
from gis.observation import CameraState, Phase, Sighting
from gis.stamp import believed

MOST_ZONES = 64
MOST_EVENTS = 1000

USUAL = (
    (640, 360), (1280, 720), (1920, 1080), (2560, 1440), (3840, 2160),
    (320, 240), (640, 480), (704, 576), (800, 600), (1280, 960), (2048, 1536), (2592, 1944), (3840, 3840),
)  # fmt: skip
"""Sizes in which Frigate usually detects: the first that holds all that a message shows is taken for the picture's."""

QUIET = ("reviews", "tracked_object_update", "triggers", "camera_activity", "classification", "job_state")
"""Topics that tell again, or more than may be kept, of what `events` tells."""

Step = Literal["new", "update", "end"]

_PHASES: Mapping[str, Phase] = {"new": "start", "update": "update", "end": "end"}


class Tracked(msgspec.Struct, frozen=True, kw_only=True):
    """An object as Frigate saw it at one moment; boxes are corners in pixels, zones those it is in now."""

    id: str
    camera: str
    label: str
    at: dt.datetime | None
    since: dt.datetime | None
    ended: dt.datetime | None = None
    false_positive: bool = False
    score: float | None = None
    corners: tuple[float, float, float, float] | None = None
    normal: bool = False
    extents: tuple[tuple[float, float, float, float], ...] = ()
    zones: tuple[str, ...] = ()
    entered: tuple[str, ...] = ()
    stationary: bool = False
    moves: int = 0
    speed_kmh: float | None = None


def decode(
    payload: bytes, topic: str, speaker: Speaker, arrived_at: dt.datetime, *, believes: Believes = believed
) -> Told:
    """Read one message, whatever the bytes are; never raises. `topic` is what Frigate wrote behind our prefix."""
    if len(payload) > LARGEST_PAYLOAD and _kind_of(topic) == "events":
        return refused("too_big", f"the payload has {len(payload)} bytes; at most {LARGEST_PAYLOAD} are taken")
    kind = _kind_of(topic)
    if kind == "status":
        return _status(payload, topic, speaker, arrived_at)
    if kind in QUIET:
        return refused("not_kept", f"{kind} repeats what events tells, or holds personal data: only events is kept")
    if kind == "other":
        return Told(counted="frigate_other")
    try:
        said = msgspec.json.decode(payload)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        return refused("not_json", f"it is no JSON: {error}")
    return _said(said, speaker, arrived_at, believes, _old_step(topic))


def _kind_of(topic: str) -> str:
    """What a topic of Frigate holds: `events`, one of QUIET, `status` of a camera, or `other`."""
    parts = [part for part in topic.split("/") if part]
    if not parts or parts[-1] == "events" or parts[-2:] in (["events", "start"], ["events", "end"]):
        return "events"
    if parts[-1] in QUIET:
        return parts[-1]
    return "status" if len(parts) >= 3 and parts[-2] == "status" else "other"


def _old_step(topic: str) -> Step | None:
    last = topic.rpartition("/")[2]
    return "new" if last == "start" else "end" if last == "end" else None


def _status(payload: bytes, topic: str, speaker: Speaker, arrived_at: dt.datetime) -> Told:
    """`<camera>/status/<role>`: whether Frigate receives the camera's pictures, as far as it says so."""
    parts = topic.split("/")
    said, eye = payload[:40].decode("ascii", "replace").strip('" \n').lower(), _eye(parts[-3], speaker)
    states = {"online": "live", "offline": "unreachable"}
    if eye is None or parts[-1] != "detect" or said not in states:
        return Told(counted="frigate_other")
    reason = f"{speaker.code} says that it is {said}"
    return Told(states=(CameraState(camera=eye.code, state=states[said], at=arrived_at, reason=reason),))


def _said(said: Any, speaker: Speaker, arrived_at: dt.datetime, believes: Believes, old: Step | None) -> Told:
    if isinstance(said, list):
        if len(said) > MOST_EVENTS:
            return refused("too_big", f"it holds {len(said)} events; at most {MOST_EVENTS} are taken")
        parts = [_said(one, speaker, arrived_at, believes, old) for one in said if isinstance(one, dict)]
        return together(parts, [part.decoded for part in parts]) if parts else refused("schema", _FORM)
    if not isinstance(said, dict):
        return refused("schema", _FORM)
    if isinstance(said.get("topic"), str) and "payload" in said:  # a recording: topic and payload side by side
        kind = _kind_of(said["topic"])
        if kind != "events":
            return decode(b"", said["topic"], speaker, arrived_at, believes=believes)
        inner = said["payload"]
        if not isinstance(inner, dict) or "payload" in inner:
            return refused("schema", _FORM)
        return _event(inner, speaker, arrived_at, believes, _old_step(said["topic"]))
    return _event(said, speaker, arrived_at, believes, old)


_FORM = 'an event is a JSON object {"type": "new", "before": {…}, "after": {…}} (Frigate, frigate/events)'


def _event(
    said: dict[str, Any], speaker: Speaker, arrived_at: dt.datetime, believes: Believes, old: Step | None
) -> Told:
    step = said.get("type", _untyped(said)) if isinstance(said.get("after"), dict) else None
    if step is None and (("type" in said and "label" not in said) or "severity" in said):
        return refused("not_kept", "it is no message of events; reviews and descriptions repeat what events tells")
    raw = said["after"] if step is not None else said
    if step is not None and "severity" in raw:
        return refused("not_kept", "a review repeats what events tells of each object: only events is kept")
    if step not in (None, "new", "update", "end"):
        return refused("schema", f"a message of type {word(step, 40)!r} is not known; new, update and end are")
    after = tracked(raw)
    if not after.id or not after.camera:
        return refused("schema", _FORM)
    if after.false_positive:
        return Told(counted="frigate_false_positive", decoded=raw)
    eye = _eye(after.camera, speaker)
    if eye is None:
        name = code_form(after.camera)
        reason = f"no camera {name} is registered under {speaker.code}; register it with that gateway, then replay this"
        return refused("unknown_camera", reason, raw)
    if step is None and old is None:
        return _listed(after, eye, arrived_at, believes, raw)
    before = tracked(said["before"]) if isinstance(said.get("before"), dict) else None
    return _stepped(step or old or "update", before, after, eye, arrived_at, believes, raw)


def _untyped(said: Mapping[str, Any]) -> Step:
    """The step of a message that does not name it."""
    if said["after"].get("end_time"):
        return "end"
    return "update" if isinstance(said.get("before"), dict) else "new"


def _stepped(
    step: Step, before: Tracked | None, after: Tracked, eye: Eye, arrived_at: dt.datetime, believes: Believes, raw: Any
) -> Told:
    at = (after.ended or after.at) if step == "end" else (after.at or after.since)
    trouble = dated(at, arrived_at, believes) or dated(after.since, arrived_at, believes)
    if trouble is not None or at is None or after.since is None:
        return Told(trouble=trouble, decoded=raw)
    found = [_sighting(eye, after, at, kind="object_detected", phase=_PHASES[step], since=after.since)]
    found += _zones(step, before, after, eye, at)
    found += _stops(step, before, after, eye, at)
    return Told(sightings=tuple(found), decoded=raw)


def _zones(step: Step, before: Tracked | None, after: Tracked, eye: Eye, at: dt.datetime) -> list[Sighting]:
    """Zones that came and went between before and after. At its end an object leaves the zones that it is in."""
    was = set() if step == "new" or before is None else set(before.zones)
    known = set() if step == "new" or before is None else set(before.entered)
    passed = [zone for zone in after.entered if zone not in known and zone not in was]
    came = [*passed, *(zone for zone in after.zones if zone not in was and zone not in passed)]
    now = set() if step == "end" else set(after.zones)
    went = [zone for zone in dict.fromkeys([*sorted(was), *came]) if zone not in now]
    if step == "new":
        went = []
    return [_sighting(eye, after, at, kind="zone_entered", subject=zone) for zone in came] + [
        _sighting(eye, after, at, kind="zone_left", subject=zone) for zone in went
    ]


def _stops(step: Step, before: Tracked | None, after: Tracked, eye: Eye, at: dt.datetime) -> list[Sighting]:
    """CameraState still: its id counts how often the object had moved before, which both its ends know."""
    stood = step != "new" and before is not None and before.stationary
    stands = after.stationary and step != "end"
    if stands and not stood:
        return [_stop(eye, after, after.moves, at, "start")]
    ends = stood or (step == "end" and after.stationary)
    if ends and not stands:
        moves = before.moves if before is not None and stood else after.moves
        return [_stop(eye, after, moves, at, "end")]
    return []


def _stop(eye: Eye, after: Tracked, moves: int, at: dt.datetime, phase: Phase) -> Sighting:
    since = at if phase == "start" else None
    life = life_id(after.since or at, eye.code, after.id, "stopped", moves)
    return _sighting(eye, after, at, kind="stopped", phase=phase, since=since, life=life)


def _listed(after: Tracked, eye: Eye, arrived_at: dt.datetime, believes: Believes, raw: Any) -> Told:
    """An object as the HTTP API lists it, whole: its start, and its end when it has one."""
    trouble = dated(after.since, arrived_at, believes)
    if trouble is not None or after.since is None:
        return Told(trouble=trouble, decoded=raw)
    since = after.since
    found = [_sighting(eye, after, since, kind="object_detected", phase="start", since=since)]
    found += [_sighting(eye, after, after.since, kind="zone_entered", subject=zone) for zone in after.zones]
    if after.ended is not None:
        found.append(_sighting(eye, after, after.ended, kind="object_detected", phase="end", since=since))
    return Told(sightings=tuple(found), decoded=raw)


def _sighting(
    eye: Eye, seen: Tracked, at: dt.datetime, *, kind: str, subject: str = "", phase: Phase = "moment",
    since: dt.datetime | None = None, life: str = "",
) -> Sighting:  # fmt: skip
    box, exact = box_of(seen, eye.frame)
    parts = (eye.code, seen.id) if phase != "moment" else (eye.code, seen.id, kind, subject, at.isoformat())
    return sighting(
        eye, at=at, kind=kind, life=life or life_id(seen.since or at, *parts), subject=subject, phase=phase,
        box=box, exact=exact, track=seen.id, object_class=class_of(seen.label), score=seen.score,
        speed_kmh=seen.speed_kmh, since=since,
    )  # fmt: skip


def _eye(name: str, speaker: Speaker) -> Eye | None:
    return speaker.own or speaker.find(name)


def box_of(seen: Tracked, frame: tuple[float, float] | None) -> tuple[Box, bool]:
    """The box in parts of the picture, and whether the picture's size is known and not guessed."""
    if seen.corners is None:
        return NOWHERE, False
    left, top, right, bottom = seen.corners
    if seen.normal:
        return clipped(left, top, right, bottom), True
    size = frame or guessed(seen)
    if size is None:
        return NOWHERE, False
    return clipped(left / size[0], top / size[1], right / size[0], bottom / size[1]), frame is not None


def guessed(seen: Tracked) -> tuple[float, float] | None:
    """The first usual size that holds everything that a message shows of the picture."""
    wide = max((corners[2] for corners in seen.extents), default=0.0)
    high = max((corners[3] for corners in seen.extents), default=0.0)
    return next(((width, height) for width, height in USUAL if wide <= width and high <= height), None)


def tracked(raw: Mapping[str, Any]) -> Tracked:
    """An object of any version of Frigate; what cannot be read is left out."""
    data, snapshot = _part(raw, "data"), _part(raw, "snapshot")
    corners, normal = _corners(raw, data)
    shown = [_four(part.get(name)) for part in (raw, snapshot) for name in ("box", "region")]
    score = next((raw.get(name) or data.get(name) for name in ("top_score", "score", "computed_score")
                  if raw.get(name) or data.get(name)), None)  # fmt: skip
    speeds = [number(raw.get(name)) for name in ("current_estimated_speed", "average_estimated_speed")]
    return Tracked(
        id=word(raw.get("id") or "", 80),
        camera=word(raw.get("camera") or "", 80),
        label=word(raw.get("label") or "", 40),
        at=moment_of(raw.get("frame_time")),
        since=moment_of(raw.get("start_time")),
        ended=moment_of(raw.get("end_time")),
        false_positive=raw.get("false_positive") is True,
        score=part_of_one(score),
        corners=corners,
        normal=normal,
        extents=tuple(one for one in shown if one is not None),
        zones=_zone_names(raw.get("current_zones", raw.get("zones"))),
        entered=_zone_names(raw.get("entered_zones")),
        stationary=raw.get("stationary") is True,
        moves=int(number(raw.get("position_changes")) or 0),
        speed_kmh=next((round(speed, 1) for speed in speeds if speed is not None and 0 < speed < 1000), None),
    )


def _part(raw: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = raw.get(name)
    return found if isinstance(found, dict) else {}


def _corners(raw: Mapping[str, Any], data: Mapping[str, Any]) -> tuple[tuple[float, float, float, float] | None, bool]:
    """The box of a message in pixels, or of the API in parts of the picture (x, y, width, height)."""
    own = _four(raw.get("box"))
    if own is not None and max(own) > 1.0:
        return own, False
    parts = own or _four(data.get("box"))
    if parts is None or max(parts) > 1.0:
        return parts, False
    x, y, width, height = parts
    return (x, y, min(x + width, 1.0), min(y + height, 1.0)), True


def _four(value: Any) -> tuple[float, float, float, float] | None:
    if not isinstance(value, list) or len(value) != 4:
        return None
    numbers = [number(one) for one in value]
    found = [one for one in numbers if one is not None and one >= 0]
    return (found[0], found[1], found[2], found[3]) if len(found) == 4 and found[2] > 0 and found[3] > 0 else None


def _zone_names(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        return ()
    return tuple(dict.fromkeys(word(zone) for zone in value[:MOST_ZONES] if isinstance(zone, str) and word(zone)))
