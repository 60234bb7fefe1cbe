"""Which adapter speaks to the broker, by the name that a deployment gives."""

from sensors.broker import Opens


def opener(client: str) -> Opens:
    """The adapter `mqtt5` (asyncio and a packet codec, the quick one) or `paho` (paho-mqtt, the portable one).

    Only its own library is imported.
    """
    if client == "paho":
        from sensors.broker_paho import PahoBroker

        return PahoBroker.open
    from sensors.broker_mqtt5 import Mqtt5Broker

    return Mqtt5Broker.open
