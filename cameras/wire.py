"""What the warden and a worker say to each other: MessagePack, each message behind its length.

The length is four bytes, big-endian. Commands go to the worker over its standard input, reports come back over
its standard output. A worker knows only monotonic time, so a report carries its age in seconds at the moment it
is written. A new command or report is a tagged struct of its own with a `camera`, added to the union here; it
goes to the companions of that camera's post (cameras/post.py), or comes to the warden's `handlers`.
"""

from typing import BinaryIO, Literal

import msgspec

from cameras.camera import Camera
from cameras.event import Kind
from cameras.grade import Rating
from cameras.health import State
from cameras.live_wire import Show
from cameras.motion import Box
from gis.observation import Phase

LARGEST = 16 * 1024 * 1024


class Orders(msgspec.Struct, frozen=True, kw_only=True, tag="orders"):
    """All that a worker shall watch from now on. It holds secrets, so it goes over the pipe and nowhere else."""

    cameras: tuple[Camera, ...]
    drafts: str = ""
    """Folder for clips that are not registered yet; empty: no clips are made."""
    turns: str = ""
    """Folder of the turns to encode anew; empty: that of the drafts."""


class Go(msgspec.Struct, frozen=True, kw_only=True, tag="go"):
    """The camera's stream may be opened now."""

    camera: str


class Held(msgspec.Struct, frozen=True, kw_only=True, tag="held"):
    """The camera's account was just refused through another camera: it has to wait, and need not try to know."""

    camera: str


class Step(msgspec.Struct, frozen=True, kw_only=True, tag="step"):
    """Where a post is on its way to a stream: it asks whether it may open it, it is in, it is out again."""

    camera: str
    step: Literal["asks", "in", "out", "refused"]
    age_s: float = 0.0


class Saw(msgspec.Struct, frozen=True, kw_only=True, tag="saw"):
    """Something happened. `sequence` rises by one a camera, also for reports that were dropped.

    `number` is of what goes on, which began `lasted_s` seconds before. `box` is that in the JPEG, if there is one;
    `seal` tells the masks that it has (`Camera.seal`).
    """

    camera: str
    sequence: int
    kind: Kind
    subject: str
    direction: str
    track: str
    box: Box
    jpeg: bytes | None
    clip: int = 0
    """The number of the clip that shows it, of this camera in this run; 0: none."""
    phase: Phase = "moment"
    number: int = 0
    lasted_s: float | None = None
    count: int | None = None
    share: float | None = None
    object_class: str = "object"
    speed_kmh: float | None = None
    score: float | None = None
    seal: str = ""
    age_s: float = 0.0


class Became(msgspec.Struct, frozen=True, kw_only=True, tag="became"):
    """A camera's state changed. `before` and `after` are JPEGs where pictures can prove it; `seal` as in Saw."""

    camera: str
    state: State
    reason: str
    before: bytes | None = None
    after: bytes | None = None
    seal: str = ""
    age_s: float = 0.0


class Shown(msgspec.Struct, frozen=True, kw_only=True, tag="shown"):
    """A camera's newest picture; `seal` tells the masks that it has."""

    camera: str
    jpeg: bytes
    seal: str = ""
    age_s: float = 0.0


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What one camera's post has done since its worker began.

    `decoded` pictures came out of the decoder, `analysed` of them were looked at. `dropped` pictures were due and
    came while the analysis was busy with one before. `skipped` packets were not decoded, because the worker could
    not follow. `opens` tries of a stream.
    """

    decoded: int = 0
    analysed: int = 0
    dropped: int = 0
    skipped: int = 0
    opens: int = 0


class Graded(msgspec.Struct, frozen=True, kw_only=True, tag="graded"):
    """How good a camera's stream is."""

    camera: str
    rating: Rating
    age_s: float = 0.0


class Pulse(msgspec.Struct, frozen=True, kw_only=True, tag="pulse"):
    """The worker lives; so many reports were dropped so far because nobody took them; its cameras' figures."""

    dropped: int
    cameras: dict[str, Figures] = {}
    age_s: float = 0.0


Made = Literal["remuxed", "masked", "stills"]
"""How evidence was made: the stream as it came; decoded, masked and encoded anew; a sheet of masked key frames."""


class Clipped(msgspec.Struct, frozen=True, kw_only=True, tag="clipped"):
    """A clip is complete and durable in the folder of drafts, or `reason` says why there is none.

    Its age is that of its first picture; `clip` is the number by which its sightings name it.
    """

    camera: str
    clip: int
    made: Made
    file: str = ""
    sha256: bytes = b""
    bytes: int = 0
    seconds: float = 0.0
    reason: str = ""
    age_s: float = 0.0


Command = Orders | Go | Held | Show

Report = Saw | Became | Shown | Step | Graded | Pulse | Clipped

_commands: msgspec.msgpack.Decoder[Command] = msgspec.msgpack.Decoder(Command)
_reports: msgspec.msgpack.Decoder[Report] = msgspec.msgpack.Decoder(Report)


def framed(message: Report | Command) -> bytes:
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


def read_command(pipe: BinaryIO) -> Command | None:
    """The next command from a pipe, or None when it closed before one was complete."""
    head = pipe.read(4)
    if len(head) < 4:
        return None
    body = pipe.read(length_of(head))
    return _commands.decode(body) if len(body) == length_of(head) else None
