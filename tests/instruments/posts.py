"""A warden as a fault test watches it: its reports with their monotonic times, and real cameras of its own."""

import datetime as dt
import time
from collections.abc import Callable

from cameras.camera import Address, Camera
from cameras.health import State
from cameras.warden import Seen, StateChanged
from tests.instruments.waiting import until


def utc_now() -> dt.datetime:
    """The wall clock."""
    return dt.datetime.now(dt.UTC)


def camera(url: str, code: str = "cam-gate") -> Camera:
    """A camera with nothing to watch for."""
    return Camera(code=code, centre="quang-nam", address=Address(url), scene="street")


class Reports:
    """What a warden reports, with the moment at which it came (monotonic, s)."""

    def __init__(self) -> None:
        self.changes: list[tuple[float, StateChanged]] = []

    async def __call__(self, report: Seen | StateChanged) -> None:
        if isinstance(report, StateChanged):
            self.changes.append((time.monotonic(), report))

    def last(self, code: str = "cam-gate") -> State | None:
        """The newest state of a camera."""
        return next((change.state for _, change in reversed(self.changes) if change.camera == code), None)

    def reasons(self) -> str:
        """Everything that was said of why."""
        return "\n".join(change.reason for _, change in self.changes)

    async def becomes(self, holds: Callable[[State | None], bool], seconds: float, code: str = "cam-gate") -> float:
        """Seconds until a camera's state is one that holds."""
        began = time.monotonic()
        await until(lambda: holds(self.last(code)), seconds, f"another state of {code} than {self.last(code)}")
        return time.monotonic() - began
