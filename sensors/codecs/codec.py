"""What every codec is: bytes of one message to readings, and the reason for what could not be read.

A message of which a part is good gives the readings of that part and one refusal, which names the first bad part.
"""

import datetime as dt
from collections.abc import Callable

import msgspec

from gis.observation import CameraState, Mark, Reading, Sighting
from gis.stamp import believed
from sensors.profile import Device

LARGEST_PAYLOAD = 256 * 1024
"""Bytes of a payload above which it is refused unread (contract, MQTT)."""

LONGEST_RUN = 64
"""Characters of a run (contract, MQTT)."""

LARGEST_SEQUENCE = 2**63 - 1
"""The largest sequence number that a bigint holds."""


class Trouble(msgspec.Struct, frozen=True):
    """Why a message, or a part of it, was refused: a word for counters, a sentence for people.

    `skew_s` is, for a time that is not believed, how far it lies from the arrival, in seconds; negative: before it.
    """

    code: str
    reason: str
    skew_s: float | None = None


class Decoded(msgspec.Struct, frozen=True, gc=False):
    """The readings of a message and, when something of it was refused, why.

    `marks` name the refused readings whose sequence number could be read. `counted` is a word for a message that
    was understood and holds nothing to keep, such as a network's notice that a device joined. `sightings` and `states`
    are what a camera, or a recorder for it, told.
    """

    readings: tuple[Reading, ...] = ()
    trouble: Trouble | None = None
    marks: tuple[Mark, ...] = ()
    counted: str = ""
    sightings: tuple[Sighting, ...] = ()
    states: tuple[CameraState, ...] = ()


Codec = Callable[[bytes, Device, dt.datetime], Decoded]
"""(payload, device, arrival in UTC) -> Decoded; pure, bounded, never raises."""

Inner = Callable[[str], Device | None]
"""The device of a code, if it is registered under the gateway that asks."""

GatewayCodec = Callable[[bytes, str, Device, Inner, dt.datetime], Decoded]
"""(payload, rest of the topic after `in/`, gateway, its devices, arrival in UTC) -> Decoded; as a Codec."""

Believes = Callable[[dt.datetime, dt.datetime], bool]
"""(a source's time, arrival) -> whether that time is believed."""


def refused(code: str, reason: str, *marks: Mark) -> Decoded:
    """Nothing could be read."""
    return Decoded((), Trouble(code, reason), marks)


def whenever(at: dt.datetime, _: dt.datetime) -> bool:
    """Believes every time that UTC has: for trying payloads, where no window applies."""
    return dt.MINYEAR < at.year < dt.MAXYEAR


def date_trouble(at: dt.datetime, arrived_at: dt.datetime, believes: Believes = believed) -> Trouble | None:
    """Why a time is not believed, or None when it is."""
    if believes(at, arrived_at):
        return None
    skew = (at - arrived_at).total_seconds()
    return Trouble("date", f"the time {at.isoformat()} is not believed: {skew:+.0f} s from ours", skew)
