"""The main stream of a camera, read for the memory of its film alone: nothing of it is decoded.

It is read all the time, since what is pulled only when something was seen has no time before it.
"""

import logging
import random
import threading
import time
from collections.abc import Callable

from cameras.camera import Camera
from cameras.dial import StreamError
from cameras.health import Health, State
from cameras.packets import Tap
from cameras.stream import follow

log = logging.getLogger(__name__)

LOOK_S = 0.5


class MainStream:
    """Feeds a tap from a camera's main stream, in a thread of its own, until told to leave.

    It is opened only while `welcome` says that the packets of the analysed stream come: then the password is right,
    and the camera there. While it cannot be read, clips are cut from that one.
    """

    def __init__(
        self, camera: Camera, tap: Tap, welcome: Callable[[], bool], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._camera = camera
        self._tap = tap
        self._welcome = welcome
        self._clock = clock
        self._left = threading.Event()
        self._health = Health(at=clock(), jitter=random.random)

    def watch(self) -> None:
        """Read it again and again."""
        while not self._left.is_set():
            if not self._welcome():
                self._left.wait(LOOK_S)
                continue
            try:
                self._read()
            except StreamError as error:
                self._failed(error.state, error.reason)
            except Exception as error:
                # The text may hold anything; its type is enough.
                self._failed(State.DEGRADED, f"it cannot be read ({type(error).__name__})")
            self._left.wait(max(0.0, self._health.retry_at - self._clock()))

    def leave(self) -> None:
        """Stop at the next packet or deadline. Called by another thread."""
        self._left.set()

    def _read(self) -> None:
        camera = self._camera
        if camera.main is None:
            return self._left.set()
        for _ in follow(camera.main, self._tap, transport=camera.transport, clock=self._clock):
            if self._left.is_set():
                return None
            self._health.frame(self._clock(), None)
        return None

    def _failed(self, state: State, reason: str) -> None:
        if self._health.failed(self._clock(), state, reason) is not None:
            log.warning("the main stream of %s is %s: %s", self._camera.code, state.value, reason)
