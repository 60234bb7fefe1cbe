"""Live view inside a worker: on an order, a thread sends what a camera shows to whoever asked, until they hang up.

The camera's main stream is pulled for it, or shared where it is read anyway; where there is none, or it does not open,
the packets of the analysed stream are shared. Of a camera with a mask no packet is sent as it came: it is decoded,
masked and encoded anew.
"""

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from cameras.camera import Camera
from cameras.health import State
from cameras.live_wire import Show, Unable
from cameras.masking import Masking
from cameras.outbox import Outbox
from cameras.packets import Header, Piece
from cameras.privacy import Turns
from cameras.running import Queue, Running
from cameras.sender import Sender
from cameras.stream import StreamError, follow

log = logging.getLogger(__name__)

REFUSED_S = 330.0
"""A main stream that refused the password is left alone for so long: at most 11 tries an hour."""
AGAIN_S = 20.0
"""So long any other main stream that did not open; one that ran for longer than this is opened at once."""
LOOK_S = 0.25
FRESH_S = 3.0
"""A main stream whose last packet is older is stood in for."""


class Showing:
    """The live views of one camera: rides along with its post. None of them touches the analysis.

    `main` is the tap of the main stream for whoever reads it anyway (for clips, say), and sets `shares_main`: then it
    is not pulled a second time.
    """

    def __init__(self, camera: Camera, outbox: Outbox, clock: Callable[[], float] = time.monotonic) -> None:
        self._camera = camera
        self._clock = clock
        self._running = Running()
        self.main = Running()
        self.shares_main = False
        self._guard = threading.Lock()
        self._senders: list[Sender] = []
        self._left = False
        self._retry_at = 0.0

    def opened(self, header: Header) -> None:
        """The analysed stream begins (again)."""
        self._running.opened(header)

    def passed(self, piece: Piece) -> None:
        """A packet of the analysed stream."""
        self._running.passed(piece)

    def hear(self, command: object) -> None:
        """Begin to send when that is the order."""
        if not isinstance(command, Show):
            return
        with self._guard:
            if self._left:
                return
            sender = Sender(command, self._clock)
            self._senders.append(sender)
        name = f"live-{self._camera.code}"
        threading.Thread(target=self._run, name=name, args=(sender, command), daemon=True).start()

    def leave(self) -> None:
        """Hang up: the camera is watched no more, or with other settings."""
        with self._guard:
            self._left = True
            for sender in self._senders:
                sender.end()

    def _run(self, sender: Sender, order: Show) -> None:
        try:
            self._send(sender, order)
        except OSError as error:
            log.info("a live view of %s has ended (%s)", self._camera.code, error.strerror or type(error).__name__)
        except Exception:
            log.exception("a live view of %s failed", self._camera.code)
        finally:
            sender.close()
            with self._guard:
                self._senders = [one for one in self._senders if one is not sender]

    def _send(self, sender: Sender, order: Show) -> None:
        masks = self._camera.masks
        if not sender.connect(masked=bool(masks)):
            return
        with contextlib.ExitStack() as stack:
            if masks and not stack.enter_context(Turns(Path(order.turns)).taken()):
                sender.send(Unable(why="masked"))
                return
            queue = Queue()
            stack.enter_context(self._filled(queue, sender))
            sender.forward(queue, Masking(masks) if masks else None)

    @contextlib.contextmanager
    def _filled(self, queue: Queue, sender: Sender) -> Iterator[None]:
        """The queue is filled for as long as the block lasts."""
        if self._camera.main is None or self._camera.main == self._camera.address:
            self._running.join(queue)
            try:
                yield
            finally:
                self._running.leave(queue)
            return
        puller = threading.Thread(
            target=self._keep_filling, name=f"main-{self._camera.code}", args=(queue, sender), daemon=True
        )
        puller.start()
        try:
            yield
        finally:
            sender.end()

    def _keep_filling(self, queue: Queue, sender: Sender) -> None:
        """The main stream while it can be had, and the analysed one's packets in between."""
        joined: Running | None = None
        while not sender.ended:
            wanted = self._wanted()
            if wanted is not joined:
                if joined is not None:
                    joined.leave(queue)
                if wanted is not None:
                    wanted.join(queue)
                joined = wanted
            if wanted is None:
                self._retry_at = self._pulled(queue, sender)
            sender.over.wait(LOOK_S)
        if joined is not None:
            joined.leave(queue)

    def _wanted(self) -> Running | None:
        """Whose packets are shared now; None when the main stream is to be pulled."""
        if self.shares_main:
            return self.main if self.main.fresh(self._clock() - FRESH_S) else self._running
        return self._running if self._clock() < self._retry_at else None

    def _pulled(self, queue: Queue, sender: Sender) -> float:
        """Read the main stream to its end; when it may be opened again."""
        began, refused, main = self._clock(), False, self._camera.main
        if main is None:
            return began + AGAIN_S
        try:
            for _ in follow(main, queue, transport=self._camera.transport, clock=self._clock):
                if sender.ended:
                    return 0.0
        except StreamError as error:
            refused = error.state is State.UNAUTHORISED
            log.info("the main stream of %s: %s", self._camera.code, error.reason)
        at = self._clock()
        return at + (REFUSED_S if refused else 1.0 if at - began >= AGAIN_S else AGAIN_S)
