"""One camera's watch post, a thread in a worker: stream, health, analysis, reports."""

import itertools
import logging
import random
import threading
import time
from collections.abc import Callable, Sequence
from typing import Protocol

from cameras.album import Album
from cameras.analyst import Analyst
from cameras.camera import Camera
from cameras.grade import Gauge
from cameras.health import PICTURED, Change, Health, State, digest_of
from cameras.outbox import Outbox
from cameras.packets import Tap, Taps
from cameras.picture import WIDTH, jpeg
from cameras.stream import Frame, StreamError, frames
from cameras.tamper import Tamper
from cameras.wire import Became, Command, Graded, Saw, Shown
from cameras.zones import Event

log = logging.getLogger(__name__)

PICTURE_S = 1.5
"""How often the newest picture is reported, in seconds."""


class Companion(Tap, Protocol):
    """What rides along with a camera beside its analysis: it sees every packet, and has commands of its own.

    What it has to say it puts into the outbox. A failure of it must not reach the thread that reads the camera.
    """

    def hear(self, command: Command) -> None:
        """A command for this camera came, perhaps one of another companion. Called by another thread than a Tap's."""

    def leave(self) -> None:
        """The camera is watched no more: let go of everything. Called by another thread."""


COMPANIONS: tuple[Callable[[Camera, Outbox], Companion], ...] = ()
"""What makes the companions of each camera, in the order in which they see a packet."""


class Post:
    """Watches one camera until told to leave; nothing that its stream does ends it."""

    def __init__(
        self,
        camera: Camera,
        outbox: Outbox,
        clock: Callable[[], float] = time.monotonic,
        companions: Sequence[Callable[[Camera, Outbox], Companion]] = COMPANIONS,
    ) -> None:
        self.camera = camera
        self._outbox = outbox
        self._clock = clock
        self._analyst = Analyst(camera)
        self._companions = tuple(make(camera, outbox) for make in companions)
        self._left = threading.Event()
        self._guard = threading.Lock()
        self._health = Health(at=clock(), jitter=random.random)
        self._gauge = Gauge(clock())
        self._tamper = Tamper()
        self._album = Album()
        self._sequence = itertools.count(1)
        self._picture_due = 0.0

    def watch(self) -> None:
        """Open, look, and when it goes wrong say how and try again later, until told to leave."""
        while not self._left.is_set():
            try:
                self._look_on()
            except StreamError as error:
                self._failed(error.state, error.reason)
            except Exception as error:
                # The text may hold anything; its type and place are enough, and the camera is tried again.
                log.exception("the analysis of camera %s failed", self.camera.code)
                self._failed(State.DEGRADED, f"the analysis failed ({type(error).__name__}); see the log")
            self._left.wait(max(0.0, self._health.retry_at - self._clock()))

    def leave(self) -> None:
        """Say nothing more, and stop at the next picture or deadline. Called by another thread."""
        with self._guard:
            self._left.set()
        for companion in self._companions:
            companion.leave()

    def hear(self, command: Command) -> None:
        """Hand a command to the companions. Called by another thread."""
        for companion in self._companions:
            companion.hear(command)

    def _look_on(self) -> None:
        camera = self.camera
        tap = Taps((self._gauge, *self._companions))
        for frame in frames(camera.address, transport=camera.transport, tap=tap, clock=self._clock):
            if self._left.is_set():
                return
            self._look(frame)

    def tick(self) -> None:
        """Time passed; called by another thread, since this one may be waiting for the network."""
        at = self._clock()
        with self._guard:
            self._tell(self._health.tick(at))
            if (figures := self._gauge.tick(at)) is not None and not self._left.is_set():
                self._outbox.put(Graded(camera=self.camera.code, figures=figures), at)

    def _look(self, frame: Frame) -> None:
        luma, tamper = frame.luma, self._tamper
        view = tamper.look(luma, frame.at)
        digest = digest_of(luma)
        with self._guard:
            change = self._health.frame(frame.at, digest, corrupt=frame.corrupt, view=view, why=tamper.reason)
            proved = change is not None and change.state in PICTURED
            self._tell(change, jpeg(frame.picture(WIDTH)) if proved else None)
        events = self._analyst.see(luma, frame.at)
        if not events and frame.at < self._picture_due:
            return
        self._picture_due = frame.at + PICTURE_S
        picture = jpeg(frame.picture(WIDTH))
        for event in events:
            self._outbox.put(self._report(event, picture), event.at)
        if tamper.usual:
            self._album.keep(picture, frame.at)
        self._outbox.put(Shown(camera=self.camera.code, jpeg=picture), frame.at)

    def _report(self, event: Event, picture: bytes) -> Saw:
        return Saw(
            camera=self.camera.code,
            sequence=next(self._sequence),
            kind=event.kind,
            subject=event.subject,
            direction=event.direction,
            track=str(event.track),
            box=event.box,
            jpeg=picture,
        )

    def _failed(self, state: State, reason: str) -> None:
        with self._guard:
            self._tell(self._health.failed(self._clock(), state, reason))

    def _tell(self, change: Change | None, proof: bytes | None = None) -> None:
        if change is not None and not self._left.is_set():
            became = Became(
                camera=self.camera.code,
                state=change.state,
                reason=change.reason,
                before=self._album.before if proof is not None else None,
                after=proof,
            )
            self._outbox.put(became, change.at)
