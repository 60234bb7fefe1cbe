"""Where the broker is: for a process of ours, from the address that it is given, and for devices, as they are told."""

from urllib.parse import unquote, urlsplit

from ioc.api.models_keys import BrokerOf
from ioc.settings import Settings, SettingsError
from sensors.broker import Login


def login(settings: Settings, client_id: str) -> Login:
    """Who we are at the broker. Raises SettingsError when the address cannot be used."""
    try:
        parts = urlsplit(settings.mqtt_url)
        host, port = parts.hostname if parts.scheme == "mqtt" else None, parts.port or 1883
    except ValueError:
        host = None
    if not host:
        raise SettingsError("IOC_MQTT_URL is missing or not of the form mqtt://user:password@host:port")
    return Login(
        host=host,
        port=port,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        client_id=client_id,
    )


def told(settings: Settings) -> BrokerOf:
    """How devices call the broker."""
    ca = settings.authority
    return BrokerOf(
        host=settings.broker_host or urlsplit(settings.mqtt_url).hostname or "",
        port=settings.broker_port or None,
        tls_port=settings.broker_tls_port or None,
        ca=ca.read_text("ascii") if settings.broker_tls_port and ca.exists() else None,
    )
