"""Uplinks as ChirpStack v4 publishes them over MQTT in JSON, behind `in/`:
`application/{id}/device/{devEui}/event/up`.

Fields with empty values may be left out of its JSON, so that a missing counter or port is 0. Its other events are
counted and not kept.
"""

from typing import Annotated, Any

import msgspec

from sensors.codecs.lorawan import (
    LARGEST_COUNTER,
    Moment,
    Network,
    Uplink,
    frame_of,
    names_of,
    run_of,
    utc,
)

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


def _event(rest: str) -> str:
    parts = rest.split("/")
    if len(parts) != 6 or (parts[0], parts[2], parts[4]) != ("application", "device", "event"):
        return ""
    return parts[5]


decode = Network(
    form="application/{id}/device/{devEui}/event/up or another event of ChirpStack",
    event_of=_event,
    others=dict.fromkeys(EVENTS, "deviceInfo"),
    uplink_of=uplink_of,
).decode
"""The codec of a gateway that speaks for this network server."""
