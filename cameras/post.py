"""One camera's watch post, a thread in a worker: stream, health, analysis, reports."""

import itertools
import logging
import random
import threading
import time
from collections.abc import Callable, Sequence
from typing import Protocol

from cameras.analyst import Analyst
from cameras.camera import Camera
from cameras.clips import Clips
from cameras.filming import Film
from cameras.health import Change, Health, State, digest_of
from cameras.outbox import Outbox
from cameras.packets import Tap, Taps
from cameras.picture import WIDTH, jpeg
from cameras.privacy import Mask
from cameras.showing import Showing
from cameras.stream import Frame, StreamError, frames
from cameras.wire import Became, Command, Saw, Shown
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


COMPANIONS: tuple[Callable[[Camera, Outbox], Companion], ...] = (Showing,)
"""What makes the companions of each camera, in the order in which they see a packet."""


class Post:
    """Watches one camera until told to leave; nothing that its stream does ends it."""

    def __init__(
        self,
        camera: Camera,
        outbox: Outbox,
        clock: Callable[[], float] = time.monotonic,
        companions: Sequence[Callable[[Camera, Outbox], Companion]] = COMPANIONS,
        clips: Clips | None = None,
    ) -> None:
        self.camera = camera
        self._outbox = outbox
        self._clock = clock
        self._analyst = Analyst(camera)
        self._mask = Mask(camera.masks)
        made = tuple(make(camera, outbox) for make in companions)
        showing = next((one for one in made if isinstance(one, Showing)), None)
        self._film = Film(camera, self._mask, clips, beside=showing.main if showing else None)
        if showing is not None:
            showing.shares_main = self._film.reads_main
        self._companions: tuple[Companion, ...] = (self._film, *made)
        self._left = threading.Event()
        self._guard = threading.Lock()
        self._health = Health(at=clock(), jitter=random.random)
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
        tap = Taps(self._companions)
        for frame in frames(camera.address, transport=camera.transport, tap=tap, clock=self._clock):
            if self._left.is_set():
                return
            self._look(frame)

    def tick(self) -> None:
        """Time passed; called by another thread, since this one may be waiting for the network."""
        with self._guard:
            self._tell(self._health.tick(self._clock()))
        self._film.tick(self._clock())

    def _look(self, frame: Frame) -> None:
        luma = frame.luma
        with self._guard:
            self._tell(self._health.frame(frame.at, digest_of(luma), corrupt=frame.corrupt))
        events = self._analyst.see(luma, frame.at)
        if not events and frame.at < self._picture_due:
            return
        self._picture_due = frame.at + PICTURE_S
        picture = self._shown(frame)
        for event in events:
            self._outbox.put(self._report(event, picture), event.at)
        if picture is not None:
            self._outbox.put(Shown(camera=self.camera.code, jpeg=picture), frame.at)

    def _shown(self, frame: Frame) -> bytes | None:
        """The picture that may be shown; None where it could not be made or masked, which costs no sighting."""
        try:
            return jpeg(frame.picture(WIDTH), self._mask)
        except Exception as error:
            log.error("a picture of camera %s could not be made (%s)", self.camera.code, type(error).__name__)
            return None

    def _report(self, event: Event, picture: bytes | None) -> Saw:
        return Saw(
            camera=self.camera.code,
            sequence=next(self._sequence),
            kind=event.kind,
            subject=event.subject,
            direction=event.direction,
            track=str(event.track),
            box=event.box,
            jpeg=picture,
            clip=self._film.shows(event),
        )

    def _failed(self, state: State, reason: str) -> None:
        with self._guard:
            self._tell(self._health.failed(self._clock(), state, reason))

    def _tell(self, change: Change | None) -> None:
        if change is not None and not self._left.is_set():
            became = Became(camera=self.camera.code, state=change.state, reason=change.reason)
            self._outbox.put(became, change.at)
