"""One camera's watch post, a thread in a worker: stream, health, analysis, reports."""

import contextlib
import functools
import logging
import random
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from typing import Literal, Protocol

import msgspec

from cameras.album import Album
from cameras.analyst import Analyst
from cameras.best import Best, Shot
from cameras.camera import Camera
from cameras.clips import Clips
from cameras.detector import detector_at
from cameras.event import Counts, Event
from cameras.filming import Film
from cameras.grade import Gauge
from cameras.health import PICTURED, Change, Health, State, digest_of
from cameras.motion import Luma
from cameras.naming import Naming
from cameras.outbox import Outbox
from cameras.packets import Tap, Taps
from cameras.picture import WIDTH, jpeg
from cameras.privacy import Mask
from cameras.showing import Showing
from cameras.shrink import shrink
from cameras.stream import Frame, StreamError, Tally, frames
from cameras.tamper import Tamper
from cameras.wire import Became, Command, Figures, Go, Graded, Held, Saw, Shown, Step

log = logging.getLogger(__name__)

PICTURE_S = 2.5
"""How often the newest picture is reported at least, in seconds."""
EARLY_S = 1.25
"""One that was made for a sighting is the newest, too, from so many seconds on after the last: no other is made."""
ASK_S = 60.0
"""How often it is asked again whether the stream may be opened, in seconds."""


class Companion(Tap, Protocol):
    """What rides along with a camera beside its analysis: it sees every packet, and has commands of its own.

    What it has to say it puts into the outbox. A failure of it must not reach the thread that reads the camera.
    It opens a stream of its own (the main one) only while the camera's packets come: then the password is right.
    """

    def hear(self, command: Command) -> None:
        """A command for this camera came, perhaps one of another companion. Called by another thread than a Tap's."""

    def leave(self) -> None:
        """The camera is watched no more: let go of everything. Called by another thread."""


COMPANIONS: tuple[Callable[[Camera, Outbox], Companion], ...] = (Showing,)
"""What makes the companions of each camera, in the order in which they see a packet."""


class Post:
    """Watches one camera until told to leave; nothing that its stream does ends it.

    The posts of a process share a `turn`: they analyse one at a time. An analysis is a hundred short steps that each
    give the interpreter away and want it back; several at once cost a tenth more by handing it to and fro.
    """

    def __init__(
        self,
        camera: Camera,
        outbox: Outbox,
        clock: Callable[[], float] = time.monotonic,
        companions: Sequence[Callable[[Camera, Outbox], Companion]] = COMPANIONS,
        clips: Clips | None = None,
        counts: Counts | None = None,
        turn: contextlib.AbstractContextManager[object] | None = None,
    ) -> None:
        self._turn = turn or threading.Lock()
        self.camera = camera
        self._outbox = outbox
        self._clock = clock
        self._counts = counts = counts or Counts()
        self._analyst = Analyst(camera, counts.lives)
        self._best = Best()
        self._naming = Naming(detector_at(camera.detector)) if camera.detector else None
        self._mask = Mask(camera.masks)
        made = tuple(make(camera, outbox) for make in companions)
        showing = next((one for one in made if isinstance(one, Showing)), None)
        self._film = Film(camera, self._mask, clips, beside=showing.main if showing else None, numbers=counts.clips)
        if showing is not None:
            showing.shares_main = self._film.reads_main
        self._companions: tuple[Companion, ...] = (self._film, *made)
        self._left = threading.Event()
        self._go = threading.Event()
        self._tally = Tally()
        self._opens = 0
        self._guard = threading.Lock()
        self._health = Health(at=clock(), jitter=random.random)
        self._gauge = Gauge(clock())
        self._tamper = Tamper()
        self._album = Album()
        self._going: dict[int, tuple[Saw, float]] = {}
        self._picture_due = 0.0

    @property
    def figures(self) -> Figures:
        """What it has done so far."""
        done = self._tally
        return Figures(
            decoded=done.decoded,
            analysed=done.analysed,
            dropped=done.dropped,
            skipped=done.skipped,
            opens=self._opens,
        )

    def watch(self) -> None:
        """Ask, open, look, and when it goes wrong say how and try again later, until told to leave."""
        while self._allowed():
            out: Literal["out", "refused"] = "out"
            try:
                self._opens += 1
                self._look_on()
            except StreamError as error:
                out = "refused" if error.state is State.UNAUTHORISED else "out"
                self._failed(error.state, error.reason)
            except Exception as error:
                # The text may hold anything; its type and place are enough, and the camera is tried again.
                log.error("the analysis of camera %s failed: %s", self.camera.code, told(error, self.camera))
                self._failed(State.DEGRADED, f"the analysis failed ({type(error).__name__}); see the log")
            self._step(out)
            if out == "out":  # whom his password keeps out is let in when the time has come, see door.py
                self._left.wait(max(0.0, self._health.retry_at - self._clock()))

    def leave(self) -> None:
        """Say that what goes on is over and nothing more, and stop at the next picture or deadline.

        Called by another thread.
        """
        with self._guard:
            self._end_all()
            self._left.set()
        self._go.set()
        for companion in self._companions:
            companion.leave()

    def hear(self, command: Command) -> None:
        """Do what the warden says, or hand it to the companions. Called by another thread."""
        match command:
            case Go():
                self._go.set()
            case Held():
                self._failed(State.UNAUTHORISED, f"{self.camera.address.place} refuses the user name or password")
            case _:
                for companion in self._companions:
                    companion.hear(command)

    def _allowed(self) -> bool:
        """Ask, and wait until the stream may be opened; False when told to leave."""
        self._go.clear()
        while not self._left.is_set():
            self._step("asks")
            if self._go.wait(ASK_S):
                break
        return not self._left.is_set()

    def _step(self, step: Literal["asks", "in", "out", "refused"]) -> None:
        if not self._left.is_set():
            self._outbox.put(Step(camera=self.camera.code, step=step), self._clock())

    def _look_on(self) -> None:
        camera = self.camera
        tap = Taps((self._gauge, *self._companions))
        watched = frames(
            camera.address,
            transport=camera.transport,
            tap=tap,
            entered=lambda: self._step("in"),
            tally=self._tally,
            clock=self._clock,
        )
        with contextlib.closing(watched):
            for frame in watched:
                if self._left.is_set():
                    return
                self._look(frame)

    def tick(self) -> None:
        """Time passed; called by another thread, since this one may be waiting for the network."""
        at = self._clock()
        with self._guard:
            self._tell(self._health.tick(at))
            if (rating := self._gauge.tick(at)) is not None and not self._left.is_set():
                self._outbox.put(Graded(camera=self.camera.code, rating=rating), at)
        self._film.tick(at)

    def _look(self, frame: Frame) -> None:
        luma, picture = frame.luma, functools.cache(lambda: self._shown(frame))
        with self._turn:
            events = self._happened(frame, luma, picture)
        if self._naming is not None:
            events = self._naming.name(events, self._analyst.tracks, frame.at, frame.picture)
        shots = self._best.look(events, self._analyst.tracks, luma, frame.at, picture)
        with self._guard:
            for event, shot in zip(events, shots, strict=True):
                self._say(event, shot)
        made = picture.cache_info().currsize
        if frame.at >= self._picture_due - (PICTURE_S - EARLY_S) * made:
            self._picture_due = frame.at + PICTURE_S
            self._show(picture(), frame.at)

    def _happened(self, frame: Frame, luma: Luma, picture: Callable[[], bytes | None]) -> list[Event]:
        """What happened in a picture, once the health that it shows was told."""
        small, tamper = shrink(luma), self._tamper
        view, digest = tamper.look(small, frame.at), digest_of(luma)
        with self._guard:
            change = self._health.frame(frame.at, digest, corrupt=frame.corrupt, view=view, why=tamper.reason)
            proved = change is not None and change.state in PICTURED
            self._tell(change, picture() if proved else None)
        return self._analyst.see(small, frame.at)

    def _say(self, event: Event, shot: Shot) -> None:
        if self._left.is_set():
            return
        saw = self._report(event, shot)
        if event.phase == "end":
            self._going.pop(event.number, None)
        elif event.phase != "moment":
            self._going[event.number] = (msgspec.structs.replace(saw, jpeg=None), event.since or event.at)
        self._outbox.put(saw, event.at)

    def _end_all(self) -> None:
        """Nobody will see what goes on end."""
        at = self._clock()
        for last, since in self._going.values():
            sequence, lasted_s = next(self._counts.reports), max(0.0, at - since)
            over = msgspec.structs.replace(
                last, sequence=sequence, lasted_s=lasted_s, phase="end", count=None, share=None
            )
            self._outbox.put(over, at)
        self._going.clear()

    def _show(self, newest: bytes | None, at: float) -> None:
        if newest is None:
            return
        if self._tamper.usual:
            self._album.keep(newest, at)
        with self._guard:
            if not self._left.is_set():
                self._outbox.put(Shown(camera=self.camera.code, jpeg=newest, seal=self.camera.seal), at)

    def _shown(self, frame: Frame) -> bytes | None:
        """The picture that may be shown; None where it could not be made or masked, which costs no sighting."""
        try:
            return jpeg(frame.picture(WIDTH), self._mask)
        except Exception as error:
            log.error("a picture of camera %s could not be made (%s)", self.camera.code, type(error).__name__)
            return None

    def _report(self, event: Event, shot: Shot) -> Saw:
        return Saw(
            camera=self.camera.code,
            sequence=next(self._counts.reports),
            kind=event.kind,
            subject=event.subject,
            direction=event.direction,
            track=str(event.track),
            box=shot.box,
            jpeg=shot.jpeg,
            phase=event.phase,
            number=event.number,
            lasted_s=None if event.since is None else max(0.0, event.at - event.since),
            count=event.count,
            share=event.share,
            object_class=event.object_class,
            speed_kmh=event.speed_kmh,
            score=event.score,
            clip=self._film.shows(event),
            seal=self.camera.seal,
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
                seal=self.camera.seal,
            )
            self._outbox.put(became, change.at)


def told(error: Exception, camera: Camera) -> str:
    """An error with its places, without the secrets of the camera's addresses."""
    text = "".join(traceback.format_exception(error))
    for address in (camera.address, camera.main):
        for secret in address.secrets if address else ():
            text = text.replace(secret, "***")
    return text
