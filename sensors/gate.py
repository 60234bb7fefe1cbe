"""The ordered gate: acknowledgements leave in the order of receipt, whatever the order of keeping."""

from collections.abc import Iterable
from itertools import takewhile


class Gate:
    """The packet ids of one connection that were received and are not acknowledged yet.

    MQTT 5 (OASIS, 2019) 4.6.0-2: PUBACKs are sent in the order of the PUBLISH packets. An id that the gate
    does not hold (acknowledged before, or of another connection) passes nothing.
    """

    def __init__(self) -> None:
        self._waiting: dict[int, bool] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    def received(self, ids: Iterable[int]) -> None:
        """Note ids in the order of receipt; one that waits already keeps its place."""
        for packet_id in ids:
            self._waiting.setdefault(packet_id, False)

    def kept(self, ids: Iterable[int]) -> list[int]:
        """These are safe now: the ids to be acknowledged at once, oldest first."""
        waiting = self._waiting
        for packet_id in ids:
            if packet_id in waiting:
                waiting[packet_id] = True
        ready = list(takewhile(waiting.__getitem__, waiting))
        for packet_id in ready:
            del waiting[packet_id]
        return ready
