"""One live view's connection from a worker to whoever asked for it: what comes in a queue leaves as fragments."""

import contextlib
import select
import socket
import threading
from collections.abc import Callable

from cameras.fmp4 import PLAYED, Fragment, Fragmenter
from cameras.live_wire import Hello, Message, Part, Show, Unable, framed
from cameras.masking import Masking
from cameras.packets import Header
from cameras.running import Queue

SEND_S = 10.0
"""A receiver that takes nothing for so long is given up."""
LOOK_S = 0.25
"""How often a thread without pictures looks whether the receiver has hung up."""


class Sender:
    """Sends to the receiver that an order names. `end` may be called by any thread, the rest by one."""

    def __init__(self, order: Show, clock: Callable[[], float]) -> None:
        self._order = order
        self._clock = clock
        self._after = (order.begins, clock()) if order.begins else None
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

    def close(self) -> None:
        """Hang up and let go of the socket."""
        self.end()
        self._socket.close()

    def connect(self, *, masked: bool) -> bool:
        """Greet the receiver; False when there is none."""
        try:
            self._socket.connect(self._order.path)
            self.send(Hello(camera=self._order.camera, serial=self._order.serial, masked=masked))
        except OSError:
            return False
        return True

    def send(self, message: Message) -> None:
        """Send a message. Raises OSError when the receiver is gone or takes nothing."""
        self._socket.sendall(framed(message))

    def forward(self, queue: Queue, masking: Masking | None) -> None:
        """Send what comes into a queue until the receiver hangs up. Raises OSError when it takes nothing."""
        fragmenter = Fragmenter(self._after)
        while not self.ended and not self._hung_up():
            one = queue.take(LOOK_S)
            if one is None:
                continue
            for made in [one] if masking is None else masking.take(one):
                if not isinstance(made, Header):
                    for fragment in fragmenter.pieces(made):
                        self.send(self._part(fragment))
                elif made.codec in PLAYED:
                    fragmenter.opened(made)
                else:
                    self.send(Unable(why="codec"))
                    return

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
