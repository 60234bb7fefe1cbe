"""What the broker says of itself under $SYS: above all how many messages it dropped."""

from collections.abc import Mapping

NAMES: Mapping[str, str] = {
    "$SYS/broker/publish/messages/dropped": "dropped",
    "$SYS/broker/store/messages/count": "broker_stored",
    "$SYS/broker/store/messages/bytes": "broker_stored_bytes",
    "$SYS/broker/heap/current": "broker_heap_bytes",
    "$SYS/broker/clients/disconnected": "broker_clients_away",
}
"""Topics of Mosquitto (mosquitto(8), broker status) -> names of our figures. It tells them every ten seconds."""

PREFIX = "$SYS/"


class BrokerCounters:
    """The newest of each. `dropped` is the broker's own count, which begins anew when the broker does;
    `dropped_since_start` is by how much it rose while we listened, over restarts of the broker too.

    Mosquitto tells a count only when it changes, and keeps what it told for a minute. So one that comes first
    without having been kept has just risen by nobody knows how much: then all of it counts, rather too much than none.
    """

    def __init__(self) -> None:
        self._newest: dict[str, int] = {}
        self._rise = 0

    def heard(self, topic: str, payload: bytes, *, retained: bool) -> None:
        """Note a message; one that is none of ours or no number is passed over."""
        name = NAMES.get(topic)
        try:
            value = int(payload)
        except ValueError:
            return
        if name is None or value < 0:
            return
        if name == "dropped":
            before = self._newest.get(name, value if retained else 0)
            self._rise += value - before if value >= before else value
        self._newest[name] = value

    def figures(self) -> dict[str, int]:
        """The figures of which the broker has told."""
        if not self._newest:
            return {}
        return {**self._newest, "dropped_since_start": self._rise}
