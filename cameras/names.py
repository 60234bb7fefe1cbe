"""The names of clips: a worker counts them, the warden gives each a UUIDv7 that its sightings share."""

import collections
import datetime as dt
import os
from collections.abc import Callable

import msgspec

from cameras.wire import Clipped
from gis.stamp import uuid7

MOST = 4096
"""So many names are kept; a clip is complete long before as many others are."""


class Filmed(msgspec.Struct, frozen=True, kw_only=True):
    """A clip is complete, or there is none: `id` is what its sightings call it, `at` (UTC) its first picture."""

    id: str
    at: dt.datetime
    clip: Clipped


class Names:
    """The id of each clip by camera, run of the worker, and number."""

    def __init__(self, entropy: Callable[[int], bytes] = os.urandom) -> None:
        self._entropy = entropy
        self._known: collections.OrderedDict[tuple[str, str, int], str] = collections.OrderedDict()

    def of(self, camera: str, run: str, number: int, at: dt.datetime) -> str:
        """The id, made at a time (UTC) when it is asked for first."""
        key = (camera, run, number)
        if key not in self._known:
            self._known[key] = str(uuid7(at, self._entropy(10)))
            if len(self._known) > MOST:
                self._known.popitem(last=False)
        return self._known[key]
