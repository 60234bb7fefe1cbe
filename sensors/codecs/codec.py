"""What every codec is: bytes of one message to readings, and the reason for what could not be read."""

import datetime as dt
from collections.abc import Callable

import msgspec

from gis.observation import Reading
from sensors.profile import Device

LARGEST_PAYLOAD = 256 * 1024
"""Bytes of a payload above which it is refused unread (contract, MQTT)."""


class Trouble(msgspec.Struct, frozen=True):
    """Why a message, or a part of it, was refused: a word for counters, a sentence for people."""

    code: str
    reason: str


class Decoded(msgspec.Struct, frozen=True):
    """The readings of a message and, when something of it was refused, why."""

    readings: tuple[Reading, ...] = ()
    trouble: Trouble | None = None


Codec = Callable[[bytes, Device, dt.datetime], Decoded]
"""(payload, device, arrival in UTC) -> Decoded; pure, bounded, never raises."""


def refused(code: str, reason: str) -> Decoded:
    """Nothing could be read."""
    return Decoded((), Trouble(code, reason))
