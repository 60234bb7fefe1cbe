"""What the warden and a worker say to each other: MessagePack, each message behind its length.

The length is four bytes, big-endian. A worker knows only monotonic time, so a report carries its age in
seconds at the moment it is written.
"""

from typing import BinaryIO

import msgspec

from cameras.camera import Camera
from cameras.health import State
from cameras.motion import Box
from cameras.zones import Kind

LARGEST = 16 * 1024 * 1024


class Orders(msgspec.Struct, frozen=True, kw_only=True):
    """What a worker shall watch. It holds secrets, so it goes over the pipe and nowhere else."""

    cameras: tuple[Camera, ...]


class Saw(msgspec.Struct, frozen=True, kw_only=True, tag="saw"):
    """Something happened. `sequence` rises by one a camera, also for reports that were dropped."""

    camera: str
    sequence: int
    kind: Kind
    subject: str
    direction: str
    track: str
    box: Box
    jpeg: bytes | None
    age_s: float = 0.0


class Became(msgspec.Struct, frozen=True, kw_only=True, tag="became"):
    """A camera's state changed."""

    camera: str
    state: State
    reason: str
    age_s: float = 0.0


class Shown(msgspec.Struct, frozen=True, kw_only=True, tag="shown"):
    """A camera's newest picture."""

    camera: str
    jpeg: bytes
    age_s: float = 0.0


class Tally(msgspec.Struct, frozen=True, kw_only=True):
    """How many pictures of a camera were analysed so far, and how many only decoded, since the worker's start."""

    looked: int = 0
    passed: int = 0


class Pulse(msgspec.Struct, frozen=True, kw_only=True, tag="pulse"):
    """The worker lives; so many reports were dropped so far because nobody took them. `tallies` by camera."""

    dropped: int
    tallies: dict[str, Tally] = {}
    age_s: float = 0.0


Report = Saw | Became | Shown | Pulse

_reports: msgspec.msgpack.Decoder[Report] = msgspec.msgpack.Decoder(Report)
_orders = msgspec.msgpack.Decoder(Orders)


def framed(message: Report | Orders) -> bytes:
    """A message behind its length."""
    body = msgspec.msgpack.encode(message)
    if len(body) > LARGEST:
        raise ValueError(f"a message of {len(body)} bytes is over the bound of {LARGEST}")
    return len(body).to_bytes(4, "big") + body


def length_of(head: bytes) -> int:
    """The length that four bytes announce. Raises ValueError over the bound."""
    length = int.from_bytes(head, "big")
    if length > LARGEST:
        raise ValueError(f"a message of {length} bytes is over the bound of {LARGEST}")
    return length


def report_of(body: bytes) -> Report:
    """The report in a message's body. Raises msgspec.MsgspecError for anything else."""
    return _reports.decode(body)


def read_orders(pipe: BinaryIO) -> Orders | None:
    """The orders from a pipe, or None when it closed before they were complete."""
    head = pipe.read(4)
    if len(head) < 4:
        return None
    body = pipe.read(length_of(head))
    return _orders.decode(body) if len(body) == length_of(head) else None
