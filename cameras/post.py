"""One camera's watch post, a thread in a worker: stream, health, analysis, reports."""

import itertools
import logging
import random
import threading
import time
from collections.abc import Callable

from cameras.analyst import Analyst
from cameras.camera import Camera
from cameras.health import Change, Health, State, digest_of
from cameras.outbox import Outbox
from cameras.picture import WIDTH, jpeg
from cameras.shrink import shrink
from cameras.stream import Frame, StreamError, frames
from cameras.wire import Became, Saw, Shown
from cameras.zones import Event

log = logging.getLogger(__name__)

PICTURE_S = 1.5
"""How often the newest picture is reported, in seconds."""


class Post:
    """Watches one camera for ever; nothing that its stream does ends it."""

    def __init__(self, camera: Camera, outbox: Outbox, clock: Callable[[], float] = time.monotonic) -> None:
        self._camera = camera
        self._outbox = outbox
        self._clock = clock
        self._analyst = Analyst(camera)
        self._guard = threading.Lock()
        self._health = Health(at=clock(), jitter=random.random)
        self._sequence = itertools.count(1)
        self._picture_due = 0.0

    def watch(self) -> None:
        """Open, look, and when it goes wrong say how and try again later. Never returns."""
        while True:
            try:
                for frame in frames(self._camera.address, clock=self._clock):
                    self._look(frame)
            except StreamError as error:
                self._failed(error.state, error.reason)
            except Exception as error:
                # The text may hold anything; its type and place are enough, and the camera is tried again.
                log.exception("the analysis of camera %s failed", self._camera.code)
                self._failed(State.DEGRADED, f"the analysis failed ({type(error).__name__}); see the log")
            time.sleep(max(0.0, self._health.retry_at - self._clock()))

    def tick(self) -> None:
        """Time passed; called by another thread, since this one may be waiting for the network."""
        with self._guard:
            self._tell(self._health.tick(self._clock()))

    def _look(self, frame: Frame) -> None:
        luma = frame.luma
        with self._guard:
            self._tell(self._health.frame(frame.at, digest_of(luma), corrupt=frame.corrupt))
        events = self._analyst.see(shrink(luma), frame.at)
        if not events and frame.at < self._picture_due:
            return
        self._picture_due = frame.at + PICTURE_S
        picture = jpeg(frame.picture(WIDTH))
        for event in events:
            self._outbox.put(self._report(event, picture), event.at)
        self._outbox.put(Shown(camera=self._camera.code, jpeg=picture), frame.at)

    def _report(self, event: Event, picture: bytes) -> Saw:
        return Saw(
            camera=self._camera.code,
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

    def _tell(self, change: Change | None) -> None:
        if change is not None:
            became = Became(camera=self._camera.code, state=change.state, reason=change.reason)
            self._outbox.put(became, change.at)
