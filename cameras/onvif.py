"""Events of ONVIF cameras as sightings and states: over MQTT (`onvif-ej`, Axis' event bridge) and as PullPoint's XML.

What holds or does not hold becomes a start and an end under one id. `Initialized` tells how things are and is no
event. What a camera says of its own picture (tampering, darkness, a lost signal) is its state and no sighting. Faces
and number plates are left alone: they are personal data and need a purpose of their own. A topic that nobody here knows
is counted, unless it comes from an analytics room and says that something holds: that is kept under its own name.
"""

import datetime as dt
from collections.abc import Callable
from functools import partial
from typing import Any

from cameras.foreign import (
    Believes,
    Eye,
    Speaker,
    Told,
    code_form,
    dated,
    identity,
    life_id,
    moment_of,
    number,
    refused,
    sighting,
    together,
    word,
)
from cameras.onvif_lives import Life, Lives
from cameras.onvif_notices import Notice, NoticeError, notices_of
from cameras.onvif_objects import Thing, thing_in
from cameras.onvif_topics import Meaning, meaning_of, state_in
from gis.observation import CameraState, Sighting
from gis.stamp import believed

_CHANNELS = ("VideoSourceConfigurationToken", "VideoSourceToken", "VideoSource", "Channel", "channel", "Source")
_RULES = ("Rule", "RuleName", "InputToken", "Name")
_NUMBERED = ("port", "areaid", "sensor", "zone", "channel")
_LISTS = frozenset({"classtypes", "objectids", "objectid"})

Makes = Callable[..., Sighting]


def decode(
    payload: bytes,
    topic: str,
    speaker: Speaker,
    arrived_at: dt.datetime,
    lives: Lives,
    *,
    believes: Believes = believed,
    clock_ahead: dt.timedelta = dt.timedelta(),
) -> Told:
    """Read one message, whatever the bytes are; never raises.

    `topic` is what the camera wrote behind its prefix of ours, empty for XML. `lives` remembers what goes on.
    `clock_ahead` is by how much the camera's clock is known to be ahead of ours.
    """
    try:
        notices = notices_of(payload, topic)
    except NoticeError as error:
        return refused(error.code, str(error))
    parts = [_told(notice, speaker, arrived_at, lives, believes, clock_ahead) for notice in notices]
    return together(parts, [notice.told() for notice in notices])


def eye_of(notice: Notice, speaker: Speaker) -> Eye | None:
    """The registered camera of a notice: the one that speaks, else the one that the gateway calls so.

    Of a recorder with many channels, `<name>/<channel>` is tried first.
    """
    if speaker.own is not None:
        return speaker.own
    return next((eye for name in names_of(notice) if (eye := speaker.find(name)) is not None), None)


def names_of(notice: Notice) -> list[str]:
    """The names under which a notice's camera may be registered, in the order in which they are tried."""
    channel = next((word(notice.source[name], 60) for name in _CHANNELS if name in notice.source), "")
    last = notice.producer.rpartition("/")[2]
    found = [f"{notice.producer}/{channel}" if channel else "", notice.producer, last, channel]
    return [name for name in dict.fromkeys(found) if name]


def _told(
    notice: Notice, speaker: Speaker, arrived_at: dt.datetime, lives: Lives, believes: Believes, ahead: dt.timedelta
) -> Told:
    meaning = meaning_of(notice.topic, dict(notice.data))
    if meaning.style == "nothing":
        return Told(counted=f"onvif_{meaning.word}")
    eye = eye_of(notice, speaker)
    if eye is None:
        tried = " or ".join(code_form(name) or name for name in names_of(notice)[:3]) or "without a name"
        return refused(
            "unknown_camera",
            f"no camera {tried} is registered under {speaker.code}; register it with that gateway, then replay this",
        )
    trouble = dated(notice.at, arrived_at, believes)
    if trouble is not None or notice.at is None:
        return Told(trouble=trouble)
    at = notice.at - ahead
    if meaning.style == "state":
        return _standing(notice, meaning, eye, at)
    key = _key(eye, meaning, notice)
    if notice.operation == "Initialized" and meaning.style != "counts" and not _missed(notice, lives, key):
        return Told(counted="onvif_initialized")
    thing = thing_in(notice.data, eye.frame)
    makes = partial(_sighting, eye, meaning, notice, thing)
    return _happened(notice, meaning, makes, at, lives, key)


def _key(eye: Eye, meaning: Meaning, notice: Notice) -> tuple[str, ...]:
    """What makes two messages speak of the same thing: camera, topic, rule, and what ONVIF calls the key."""
    named = sorted((name, str(value)) for part in (notice.source, notice.key) for name, value in part.items())
    return (eye.code, notice.topic.lower(), meaning.word, *(f"{name}={value}" for name, value in named))


def _missed(notice: Notice, lives: Lives, key: tuple[str, ...]) -> bool:
    """Whether how things are now tells of an end that went unheard, while nobody was connected."""
    return state_in(dict(notice.data)) is False and lives.goes_on(key)


def _standing(notice: Notice, meaning: Meaning, eye: Eye, at: dt.datetime) -> Told:
    """A camera's own word on its picture; the first message of all tells how it stands, too."""
    holds = state_in(dict(notice.data))
    if notice.operation == "Deleted" or holds is False:
        return Told(states=(CameraState(camera=eye.code, state="live", at=at, reason=f"{notice.topic} is over"),))
    if holds is None and notice.operation == "Initialized":
        return Told(counted="onvif_initialized")
    return Told(states=(CameraState(camera=eye.code, state=meaning.word, at=at, reason=f"it reports {notice.topic}"),))


def _happened(
    notice: Notice, meaning: Meaning, makes: Makes, at: dt.datetime, lives: Lives, key: tuple[str, ...]
) -> Told:
    holds = state_in(dict(notice.data))
    if meaning.style == "counts":
        return _counted(notice, makes, at, key)
    if meaning.style == "moment":
        if holds is False or notice.operation == "Deleted":
            return Told(counted="onvif_over")
        return Told(sightings=(makes(at=at, life=life_id(at, *key, *_digest(notice)), phase="moment"),))
    if notice.topic.lower().endswith("objecttrack/aggregation"):
        return _aggregated(notice, makes, at, key)
    plain = {name.lower() for name in notice.data}
    if holds is None and plain & {"count", "total"}:
        return _counted(notice, makes, at, key)
    if holds is None and not plain & _LISTS and notice.operation != "Deleted":
        return Told(sightings=(makes(at=at, life=life_id(at, *key, *_digest(notice)), phase="moment"),))
    if holds is None:
        holds = _lasting(notice)
    steps = lives.tell(key, at, holds=holds and notice.operation != "Deleted")
    return Told(sightings=tuple(_step(one, makes, notice) for one in steps), counted="" if steps else "onvif_over")


def _digest(notice: Notice) -> tuple[str]:
    return (identity(*sorted(f"{name}={value}" for name, value in notice.data.items())).hex(),)


def _lasting(notice: Notice) -> bool:
    """Of what has no truth value: classes or objects that are named go on, an empty list of them is the end."""
    lists = [value for name, value in notice.data.items() if name.lower() in _LISTS]
    return bool(str(lists[0]).strip()) if lists else True


def _step(life: Life, makes: Makes, notice: Notice) -> Sighting:
    said = moment_of(next((value for name, value in notice.data.items() if name.lower() == "since"), ""))
    since = said if said is not None and life.since is not None and said <= life.since else life.since
    return makes(at=life.at, life=life.id, phase=life.phase, since=since)


def _counted(notice: Notice, makes: Makes, at: dt.datetime, key: tuple[str, ...]) -> Told:
    plain = {name.lower(): value for name, value in notice.data.items()}
    told = number(plain.get("count", plain.get("total", plain.get("occupancy"))))
    if told is None or told < 0 or notice.operation == "Deleted":
        return Told(counted="onvif_count")
    return Told(sightings=(makes(at=at, life=life_id(at, *key, told), phase="moment", count=int(told)),))


def _aggregated(notice: Notice, makes: Makes, at: dt.datetime, key: tuple[str, ...]) -> Told:
    """An object's track (ONVIF Analytics, "Object track aggregation"): its start is in every message, its end said."""
    plain = {name.lower(): value for name, value in notice.data.items()}
    since = moment_of(plain.get("aggregationstart")) or at
    final = str(plain.get("final", "")).lower() in ("true", "1")
    thing = thing_in(notice.data, None)
    life = life_id(since, *key, thing.track)
    phases = ("end",) if final else ("start",) if at <= since else ("update",)
    return Told(sightings=tuple(makes(at=at, life=life, phase=phase, since=since) for phase in phases))


def _sighting(
    eye: Eye, meaning: Meaning, notice: Notice, thing: Thing, *, at: dt.datetime, life: str, **more: Any
) -> Sighting:
    plain = {name.lower(): value for name, value in notice.data.items()}
    return sighting(
        eye,
        at=at,
        kind=meaning.word,
        life=life,
        subject=_subject(notice),
        box=thing.box,
        track=thing.track,
        direction=word(plain.get("direction") or plain.get("crossdirection") or "", 60),
        object_class=thing.name or meaning.about or "object",
        score=thing.score,
        speed_kmh=thing.speed_kmh,
        **more,
    )


def _subject(notice: Notice) -> str:
    """The rule, input or sensor that speaks; the last part of the topic when the message names none."""
    rule = next((word(notice.source[name]) for name in _RULES if word(notice.source.get(name, ""))), "")
    plain = {name.lower(): word(value) for name, value in notice.source.items()}
    counted = next((f"{name} {plain[name]}" for name in _NUMBERED if plain.get(name)), "")
    return rule or counted or notice.topic.rpartition("/")[2]
