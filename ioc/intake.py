"""What the process `ioc intake` is made of: from the MQTT broker to PostgreSQL."""

import asyncio
from contextlib import AbstractAsyncContextManager
from functools import partial
from urllib.parse import unquote, urlsplit

import msgspec

from ioc.app import now, opened
from ioc.heartbeat import Pulse, beat
from ioc.receipts import Receipts
from ioc.settings import Settings, SettingsError
from ioc.slots import connected
from ioc.store.observations import ObservationStore
from ioc.trail import noted
from sensors.backlog import Backlog
from sensors.broker import Connection, Login, Subscription, opener
from sensors.codecs import ioc as ioc_codec
from sensors.intake import Decoder, listen


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


def dial(
    settings: Settings, client_id: str, subscription: Subscription, backlog: Backlog
) -> AbstractAsyncContextManager[Connection]:
    """Open the chosen adapter. Raises SettingsError when the address cannot be used."""
    return opener(settings.mqtt_client)(login(settings, client_id), subscription, backlog)


async def intake(settings: Settings) -> None:
    """From the broker to PostgreSQL."""
    async with opened(settings) as (database, register), noted(database, now, "intake"):
        decoder = Decoder(register.devices, {"ioc": ioc_codec.decode})
        async with connected(settings.state / "intake", settings.intake_share, partial(dial, settings)) as broker:
            receipts = Receipts(database, register.devices, broker)
            store = ObservationStore(database, register.owners, register.unit_of, register.retention_of, receipts.note)

            def pulse() -> Pulse:
                figures = {**msgspec.structs.asdict(store.kept), **broker.figures(), **receipts.figures()}
                return Pulse(broker.listening, figures | {f"refused_{why}": n for why, n in decoder.refused.items()})

            async with asyncio.TaskGroup() as tasks:
                name = broker.client_id.removeprefix("ioc-")
                tasks.create_task(beat(database, name, pulse, now), name="heartbeat")
                tasks.create_task(receipts.run(), name="receipts")
                await listen(broker, decoder, store, now)
