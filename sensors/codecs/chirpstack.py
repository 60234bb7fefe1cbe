"""Uplinks as ChirpStack v4 publishes them over MQTT in JSON, behind `in/`:
`application/{id}/device/{devEui}/event/up`.

Fields with empty values may be left out of its JSON, so that a missing counter or port is 0. Its other events are
counted and not kept.
"""

import datetime as dt
from typing import Annotated, Any

import msgspec

from gis.stamp import believed
from sensors.codecs.codec import LARGEST_PAYLOAD, Believes, Decoded, Inner, refused
from sensors.codecs.lorawan import (
    LARGEST_COUNTER,
    Moment,
    Uplink,
    frame_of,
    names_of,
    owner_of,
    read,
    run_of,
    utc,
)
from sensors.codecs.script import Scripts
from sensors.profile import Device

EVENTS = frozenset({"join", "status", "ack", "txack", "log", "location", "integration"})
"""Events of a device that are no uplinks."""


class DeviceInfo(msgspec.Struct, frozen=True, rename="camel"):
    """Who sent it."""

    device_name: str = ""
    dev_eui: str = ""


class Reception(msgspec.Struct, frozen=True, rename="camel"):
    """What one LoRaWAN gateway knows of the reception."""

    gw_time: Moment | None = None
    ns_time: Moment | None = None


class Up(msgspec.Struct, frozen=True, rename="camel"):
    """An uplink event. `time` is the one time of reception that all its copies share."""

    device_info: DeviceInfo
    time: Moment | None = None
    dev_addr: str = ""
    f_cnt: Annotated[int, msgspec.Meta(ge=0, le=LARGEST_COUNTER)] = 0
    f_port: Annotated[int, msgspec.Meta(ge=0, le=255)] = 0
    data: str | None = ""
    object: Any = None
    rx_info: list[Reception] = []


_UP = msgspec.json.Decoder(Up)
_MEMBERS = msgspec.json.Decoder(dict[str, msgspec.Raw])


def uplink_of(payload: bytes) -> Uplink:
    """The uplink of an event. Raises ValueError saying why there is none."""
    try:
        up = _UP.decode(payload)
    except RecursionError as error:
        raise ValueError("the JSON is nested too deeply") from error
    except msgspec.DecodeError as error:
        raise ValueError(f"this is no uplink event of ChirpStack v4: {error}") from error
    seen = [moment for one in up.rx_info for moment in (one.gw_time, one.ns_time) if moment is not None]
    at = up.time or min(seen, default=None)
    if at is None:
        raise ValueError("this uplink event of ChirpStack has no time")
    return Uplink(
        names=names_of(up.device_info.device_name, up.device_info.dev_eui),
        run=run_of(up.dev_addr),
        sequence=up.f_cnt,
        at=utc(at),
        port=up.f_port,
        frame=frame_of(up.data or ""),
        network=up.object,
    )


def decode(
    payload: bytes,
    rest: str,
    gateway: Device,
    inner: Inner,
    arrived_at: dt.datetime,
    scripts: Scripts,
    believes: Believes = believed,
) -> Decoded:
    """Read an event of the network server; never raises, whatever the bytes and the topic are."""
    if len(payload) > LARGEST_PAYLOAD:
        return refused("too_big", f"the payload has {len(payload)} bytes; at most {LARGEST_PAYLOAD} are taken")
    event = _event(rest)
    if event in EVENTS:
        return _other(payload, event)
    if event != "up":
        form = "application/{id}/device/{devEui}/event/up"
        return refused("topic", f"the topic behind in/ is not {form} or another event of ChirpStack")
    try:
        uplink = uplink_of(payload)
    except ValueError as error:
        return refused("schema", str(error))
    device = owner_of(uplink.names, gateway, inner)
    return device if isinstance(device, Decoded) else read(uplink, device, arrived_at, scripts, believes)


def _event(rest: str) -> str:
    parts = rest.split("/")
    if len(parts) != 6 or (parts[0], parts[2], parts[4]) != ("application", "device", "event"):
        return ""
    return parts[5]


def _other(payload: bytes, event: str) -> Decoded:
    try:
        members = _MEMBERS.decode(payload)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        return refused("not_json", f"the event {event} is no JSON object: {error}")
    if "deviceInfo" not in members:
        return refused("schema", f"the event {event} has no deviceInfo")
    return Decoded(counted="network")
