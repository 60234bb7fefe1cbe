"""Who signs in at the broker, as the broker's own log tells: `$SYS/broker/log/N` of Mosquitto (`log_dest topic`)."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from sensors.broker import CONNECT_S, KEEPALIVE_S, RETRY_S, Login

TOPIC = "$SYS/broker/log/N"

_SIGNED_IN = re.compile(rb"\d+: New client connected from .*, u'([^']*)'\)\.\Z", re.DOTALL)
"""The name stands last. What a client may choose, its id, stands before it and is passed over, whatever it holds."""


_REFUSED = re.compile(rb"\d+: Client <unknown> disconnected, not authorised\.\Z")


def refused(line: bytes | bytearray) -> bool:
    """Whether a line tells of a sign-in with a wrong name or key. The broker does not say whose it was."""
    return _REFUSED.match(line) is not None


def signed_in(line: bytes | bytearray) -> str | None:
    """The user name of a line that tells of a sign-in; None for any other line."""
    found = _SIGNED_IN.match(line)
    return None if found is None else found[1].decode("utf-8", "replace")


@asynccontextmanager
async def heard(
    login: Login, hear: Callable[[str], None], turned_away: Callable[[], None]
) -> AsyncIterator[Callable[[], bool]]:
    """Call `hear` in this loop with each name that signs in, and `turned_away` for each sign-in that is refused, while
    the block lasts; gives whether we listen now.

    The connection is made again when it breaks; who signs in meanwhile is not told of, also not later. The broker
    chooses our client id, which nobody else can then take.
    """
    loop, listening = asyncio.get_running_loop(), [False]

    def connected(client: paho.Client, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if not reason.is_failure:
            client.subscribe(TOPIC, 0)

    def told(_client: paho.Client, _data: Any, message: paho.MQTTMessage) -> None:
        name = signed_in(message.payload)
        with suppress(RuntimeError):  # the loop is closing
            if name is not None:
                loop.call_soon_threadsafe(hear, name)
            elif refused(message.payload):
                loop.call_soon_threadsafe(turned_away)

    def listens(now: bool) -> Callable[..., None]:
        return lambda *_: listening.__setitem__(0, now)

    client = paho.Client(CallbackAPIVersion.VERSION2, client_id="", clean_session=True)
    client.username_pw_set(login.user, login.password)
    client.reconnect_delay_set(1, round(RETRY_S[1]))
    client.connect_timeout = CONNECT_S
    client.on_connect, client.on_message = connected, told
    client.on_subscribe, client.on_disconnect = listens(True), listens(False)
    client.connect_async(login.host, login.port, KEEPALIVE_S)
    client.loop_start()
    try:
        yield lambda: listening[0]
    finally:
        await asyncio.to_thread(_leave, client)


def _leave(client: paho.Client) -> None:
    client.disconnect()
    client.loop_stop()
