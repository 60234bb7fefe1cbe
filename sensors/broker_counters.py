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
    `dropped_since_start` is by how much it rose while we listened, over restarts of the broker too."""

    def __init__(self) -> None:
        self._newest: dict[str, int] = {}
        self._rise = 0

    def heard(self, topic: str, payload: bytes) -> None:
        """Note a message; one that is none of ours or no number is passed over."""
        name = NAMES.get(topic)
        try:
            value = int(payload)
        except ValueError:
            return
        if name is None or value < 0:
            return
        if name == "dropped" and name in self._newest:
            before = self._newest[name]
            self._rise += value - before if value >= before else value
        self._newest[name] = value

    def figures(self) -> dict[str, int]:
        """The figures of which the broker has told."""
        if "dropped" not in self._newest:
            return dict(self._newest)
        return {**self._newest, "dropped_since_start": self._rise}
