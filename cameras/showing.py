"""Live view inside a worker: on an order, a thread sends what a camera shows to whoever asked, until they hang up.

The camera's main stream is pulled for it; where there is none, or it does not open, the packets of the analysed
stream are shared. Of a camera with a mask no packet is sent as it came: it is decoded, masked and encoded anew.
"""

import contextlib
import logging
import select
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Protocol

from cameras.camera import Camera
from cameras.fmp4 import PLAYED, Fragment, Fragmenter
from cameras.live_wire import Hello, Part, Show, Unable, framed
from cameras.packets import Header, Piece, Tap
from cameras.running import Queue, Running

log = logging.getLogger(__name__)

SEND_S = 10.0
"""A receiver that takes nothing for so long is given up."""
LOOK_S = 0.25
"""How often a thread without pictures looks whether the receiver has hung up."""
REFUSED_S = 330.0
"""A main stream that refused the password is left alone for so long: at most 11 tries an hour."""
AGAIN_S = 20.0


class Pull(Protocol):
    """Reads a stream's packets into a tap until `gone` says so; False when the password was refused.

    Returns when the stream cannot be opened or has ended, too.
    """

    def __call__(self, camera: Camera, tap: Tap, gone: Callable[[], bool], /) -> bool:
        """Read."""


class Masking(Protocol):
    """Makes masked pictures of a stream: decoded, masked, encoded."""

    def opened(self, header: Header) -> Header | None:
        """A stream begins (again): how the masked one is to be read; None when it cannot be masked."""

    def pieces(self, piece: Piece) -> list[Piece]:
        """The masked packets that a packet yields."""


class Showing:
    """The live views of one worker. Each order has a thread; none of them touches the analysis."""

    def __init__(
        self,
        pull: Pull,
        masking: Callable[[Camera], Masking] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._pull = pull
        self._masking = masking
        self._clock = clock
        self._retry_at: dict[str, float] = {}
        self._guard = threading.Lock()
        self._shown: dict[str, list[View]] = {}

    def show(self, order: Show, camera: Camera, running: Running) -> None:
        """Begin to send what a camera shows. `running` is the tap of its analysed stream."""
        view = View(order, self._clock)
        with self._guard:
            self._shown.setdefault(camera.code, []).append(view)
        work = (view, camera, running)
        threading.Thread(target=self._run, name=f"live-{camera.code}", args=work, daemon=True).start()

    def stop(self, code: str) -> None:
        """End what is shown of a camera: its settings changed, so that whoever watches has to ask again."""
        with self._guard:
            for view in self._shown.get(code, ()):
                view.end()

    def _run(self, view: "View", camera: Camera, running: Running) -> None:
        try:
            if not view.connect(masked=bool(camera.masks)):
                return
            if camera.masks and self._masking is None:
                view.send(Unable(why="masked"))
                return
            queue = Queue()
            with self._filled(queue, view, camera, running):
                view.forward(queue, self._masking(camera) if camera.masks and self._masking else None)
        except OSError as error:
            log.info("the live view of %s has ended (%s)", camera.code, error.strerror or type(error).__name__)
        except Exception:
            log.exception("the live view of %s failed", camera.code)
        finally:
            view.end()
            with self._guard:
                self._shown[camera.code] = [one for one in self._shown.get(camera.code, ()) if one is not view]

    @contextlib.contextmanager
    def _filled(self, queue: Queue, view: "View", camera: Camera, running: Running) -> Iterator[None]:
        """The queue, filled for as long as the block lasts."""
        if camera.main is None or camera.main == camera.address:
            running.join(queue)
            try:
                yield
            finally:
                running.leave(queue)
            return
        work = (queue, view, camera, running)
        puller = threading.Thread(target=self._keep_pulling, name=f"main-{camera.code}", args=work, daemon=True)
        puller.start()
        try:
            yield
        finally:
            view.end()
            running.leave(queue)

    def _keep_pulling(self, queue: Queue, view: "View", camera: Camera, running: Running) -> None:
        """The main stream while it can be had, and the analysed one's packets in between."""
        joined = False
        while not view.ended:
            if self._clock() >= self._retry_at.get(camera.code, 0.0):
                if joined:
                    running.leave(queue)
                    joined = False
                self._retry_at[camera.code] = self._pulled(queue, view, camera)
            elif not joined:
                running.join(queue)
                joined = True
            view.over.wait(LOOK_S)
        running.leave(queue)

    def _pulled(self, queue: Queue, view: "View", camera: Camera) -> float:
        """Read the main stream to its end; when it may be opened again."""
        began, allowed = self._clock(), True
        try:
            allowed = self._pull(camera, queue, lambda: view.ended)
        except Exception:
            log.exception("the main stream of %s could not be read", camera.code)
        at = self._clock()
        if view.ended:
            return 0.0
        return at + (REFUSED_S if not allowed else 1.0 if at - began >= AGAIN_S else AGAIN_S)


class View:
    """One connection to a receiver."""

    def __init__(self, order: Show, clock: Callable[[], float]) -> None:
        self._order = order
        self._clock = clock
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(SEND_S)
        self.over = threading.Event()

    @property
    def ended(self) -> bool:
        """Whether the receiver hung up or the view was ended here."""
        return self.over.is_set()

    def end(self) -> None:
        """Hang up."""
        self.over.set()
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def connect(self, *, masked: bool) -> bool:
        """Greet the receiver; False when there is none."""
        try:
            self._socket.connect(self._order.path)
            self.send(Hello(camera=self._order.camera, serial=self._order.serial, masked=masked))
        except OSError:
            return False
        return True

    def send(self, message: Hello | Part | Unable) -> None:
        """Send a message. Raises OSError when the receiver is gone or takes nothing."""
        self._socket.sendall(framed(message))

    def forward(self, queue: Queue, masking: Masking | None) -> None:
        """Send what comes into a queue, as fragments, until the receiver hangs up."""
        fragmenter = Fragmenter()
        try:
            while not self.ended and not self._hung_up():
                one = queue.take(LOOK_S)
                if isinstance(one, Header):
                    header = one if masking is None else masking.opened(one)
                    if header is None or header.codec not in PLAYED:
                        self.send(Unable(why="codec" if masking is None else "masked"))
                        return
                    fragmenter.opened(header)
                elif one is not None:
                    for piece in [one] if masking is None else masking.pieces(one):
                        for fragment in fragmenter.pieces(piece):
                            self.send(self._part(fragment))
        finally:
            self.end()
            self._socket.close()

    def _hung_up(self) -> bool:
        """The receiver says nothing after all, so whatever can be read is its end."""
        return bool(select.select([self._socket], [], [], 0)[0])

    def _part(self, fragment: Fragment) -> Part:
        return Part(
            data=fragment.data,
            init=fragment.init,
            key=fragment.key,
            media=fragment.media,
            codec=fragment.codec,
            age_s=max(0.0, self._clock() - fragment.at),
        )
