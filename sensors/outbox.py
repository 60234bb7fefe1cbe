"""What we publish at QoS 1, until the broker has it: packet ids, the broker's receive maximum, sending again."""

import asyncio
from collections import deque

import msgspec

MOST_UNSENT = 20_000
"""Messages that may wait for the broker; a further one is refused."""

LAST_ID = 65_531
"""Four packet ids are left for subscribing."""


class PublishError(Exception):
    """The broker did not take what we publish, or too much of it waits already."""


class Parcel(msgspec.Struct, frozen=True, eq=False):
    """A message of ours. `taken` is told of the PUBACK when somebody waits for it."""

    topic: str
    payload: bytes
    retain: bool
    taken: asyncio.Future[None] | None = None


class Outbox:
    """Messages keep their order, and the PUBACK of each is awaited across connections.

    MQTT 5 (OASIS, 2019) 4.4: what a connection took with it is sent again on the next, under the same packet
    id while the session lasts. 4.9: never more under way than the broker's receive maximum.
    """

    def __init__(self, most: int = MOST_UNSENT) -> None:
        self._most = most
        self._unsent: deque[Parcel] = deque()
        self._under_way: dict[int, Parcel] = {}
        self._window = 0
        self._last_id = 0
        self.refused = 0

    def __len__(self) -> int:
        return len(self._unsent) + len(self._under_way)

    def put(self, parcel: Parcel) -> bool:
        """Take a message; False when too many wait."""
        if len(self._unsent) >= self._most:
            return False
        self._unsent.append(parcel)
        return True

    def closed(self) -> None:
        """The connection ended: nothing is due before the next."""
        self._window = 0

    def opened(self, window: int) -> list[tuple[int, Parcel]]:
        """A connection is open on which `window` messages may be under way: what must be sent again, in order."""
        self._window = window
        again = list(self._under_way.items())
        for packet_id, parcel in reversed(again[window:]):
            del self._under_way[packet_id]
            self._unsent.appendleft(parcel)
        return again[:window]

    def due(self) -> list[tuple[int, Parcel]]:
        """What may be sent now, with the packet ids."""
        ready = []
        while self._unsent and len(self._under_way) < self._window:
            packet_id, parcel = self._free_id(), self._unsent.popleft()
            self._under_way[packet_id] = parcel
            ready.append((packet_id, parcel))
        return ready

    def settled(self, packet_id: int, trouble: str = "") -> None:
        """The broker has answered: it took the message, or refuses it for the reason `trouble`."""
        parcel = self._under_way.pop(packet_id, None)
        if parcel is None:
            return
        self.refused += bool(trouble)
        if parcel.taken is not None and not parcel.taken.done():
            if trouble:
                parcel.taken.set_exception(PublishError(f"the broker refuses {parcel.topic}: {trouble}"))
            else:
                parcel.taken.set_result(None)

    def _free_id(self) -> int:
        while True:
            self._last_id = self._last_id % LAST_ID + 1
            if self._last_id not in self._under_way:
                return self._last_id
