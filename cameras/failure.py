"""A stream that could not be opened or read, as people are told of it."""

import errno

from cameras.health import State

NO_WAY = {errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EHOSTDOWN, errno.ENETDOWN}
"""What the system says when no network leads there."""


class StreamError(Exception):
    """A stream that could not be opened or read: its state, and a sentence without secrets.

    `code` names the failure more narrowly than the state where that helps (`redirect`).
    """

    def __init__(self, state: State, reason: str, code: str = "") -> None:
        super().__init__(reason)
        self.state = state
        self.reason = reason
        self.code = code or state.value


class UnansweredError(OSError):
    """A request that nobody answered, or that was not made; `code` says why in a word."""

    def __init__(self, code: str, reason: str = "") -> None:
        super().__init__(reason)
        self.code = code
