"""Uplinks as The Things Stack v3 publishes them over MQTT, behind `in/`: `v3/{app}@{tenant}/devices/{id}/up`.

Fields with empty values are left out of its JSON, so that a missing counter or port is 0. Its other events (joins,
states of downlinks, positions) are counted and not kept.
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

EVENTS = {
    "join": "join_accept",
    "up/normalized": "uplink_normalized",
    "down/queued": "downlink_queued",
    "down/sent": "downlink_sent",
    "down/ack": "downlink_ack",
    "down/nack": "downlink_nack",
    "down/failed": "downlink_failed",
    "down/queue-invalidated": "downlink_queue_invalidated",
    "location/solved": "location_solved",
    "service/data": "service_data",
}
"""End of the topic -> member of the message, for what is no uplink."""


class Ids(msgspec.Struct, frozen=True):
    """Who sent it."""

    device_id: str = ""
    dev_eui: str = ""
    dev_addr: str = ""


class Frame(msgspec.Struct, frozen=True):
    """The frame and what the network knows of it."""

    session_key_id: str = ""
    f_port: Annotated[int, msgspec.Meta(ge=0, le=255)] = 0
    f_cnt: Annotated[int, msgspec.Meta(ge=0, le=LARGEST_COUNTER)] = 0
    frm_payload: str = ""
    decoded_payload: Any = None
    received_at: Moment | None = None


class Up(msgspec.Struct, frozen=True):
    """One message of the Application Server."""

    end_device_ids: Ids
    uplink_message: Frame
    received_at: Moment | None = None
    simulated: bool = False


_UP = msgspec.json.Decoder(Up)


def uplink_of(payload: bytes) -> Uplink:
    """The uplink of a message. Raises ValueError saying why there is none."""
    try:
        up = _UP.decode(payload)
    except RecursionError as error:
        raise ValueError("the JSON is nested too deeply") from error
    except msgspec.DecodeError as error:
        raise ValueError(f"this is no uplink of The Things Stack: {error}") from error
    frame, ids = up.uplink_message, up.end_device_ids
    at = frame.received_at or up.received_at
    if at is None:
        raise ValueError("this uplink of The Things Stack has no received_at")
    return Uplink(
        names=names_of(ids.device_id, ids.dev_eui),
        run=run_of(frame.session_key_id, ids.dev_addr),
        sequence=frame.f_cnt,
        at=utc(at),
        port=frame.f_port,
        frame=frame_of(frame.frm_payload),
        network=frame.decoded_payload,
        simulated=up.simulated,
    )


def _event(rest: str) -> str:
    parts = rest.split("/")
    if len(parts) < 5 or parts[0] != "v3" or parts[2] != "devices":
        return ""
    return "/".join(parts[4:])


decode = Network(
    form="v3/{app}@{tenant}/devices/{id}/up or another event of TTS",
    event_of=_event,
    others=EVENTS,
    uplink_of=uplink_of,
).decode
"""The codec of a gateway that speaks for this network server."""
