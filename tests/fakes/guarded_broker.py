"""A real Mosquitto whose users are kept as `ioc broker` keeps them, and devices that sign in there."""

import contextlib
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from ioc.embedded.account import choose
from ioc.embedded.broker_files import BrokerFiles
from ioc.embedded.users import INTAKE, Admitted
from sensors.broker import Login
from tests.fakes.mosquitto import Mosquitto, until

KEY = "the intake's key"


class GuardedBroker(Mosquitto):
    """With our files; `files` is what an Admission is given."""

    def __init__(self, folder: Path, *more: str) -> None:
        account = choose(("mosquitto",), folder)
        account.own(folder)
        self._owner = (account.uid, account.gid) if account.switch else None
        self.folder = folder
        self.files = self.files_anew()
        super().__init__(
            folder, "allow_anonymous false", f"password_file {folder}/passwords", f"acl_file {folder}/access",
            "log_dest topic", "log_type notice", "log_type error", "log_type warning",
            *(one.format(folder=folder) for one in more),
        )  # fmt: skip

    def files_anew(self) -> BrokerFiles:
        """As a process has them that starts now."""
        return BrokerFiles(self.folder, {INTAKE: KEY}, self.read_anew, self._owner)

    def read_anew(self) -> None:
        """SIGHUP, where it runs."""
        if self.process is not None:
            self.process.send_signal(signal.SIGHUP)

    def intake(self, client: str = "") -> Login:
        """The user that reads everything."""
        return self.login(client, INTAKE, KEY)

    def names(self) -> set[str]:
        """Who may sign in by its files."""
        return {line.split(":")[0] for line in (self.folder / "passwords").read_text().splitlines()} - {INTAKE}


@contextlib.asynccontextmanager
async def guarded_broker(*more: str) -> AsyncIterator[GuardedBroker]:
    """A running one that lets only the intake in; `more` are lines of its configuration, which may name its
    {folder}."""
    folder = Path(tempfile.mkdtemp(prefix="ioc-g-", dir="/tmp"))
    broker = GuardedBroker(folder, *more)
    await broker.files.admit(Admitted())
    await broker.start()
    try:
        yield broker
    finally:
        broker.kill(signal.SIGTERM)
        shutil.rmtree(folder, ignore_errors=True)


class Speaker:
    """A device at the broker (MQTT 5, where it is told why it is refused); it does not come back by itself.

    `connected` is None until the broker answered, and False after it closed the connection or refused it.
    """

    def __init__(
        self, port: int, user: str, key: str, *, client_id: str = "", tls: Mapping[str, str] | None = None
    ) -> None:
        self.connected: bool | None = None
        self.got: list[tuple[str, bytes]] = []
        self.answers: dict[int, int] = {}
        self.granted: list[int] = []
        self.client = paho.Client(
            CallbackAPIVersion.VERSION2, client_id, protocol=MQTTProtocolVersion.MQTTv5, reconnect_on_failure=False
        )
        if user:
            self.client.username_pw_set(user, key)
        if tls is not None:
            self.client.tls_set(**tls)
        self.client.on_connect = lambda *a: setattr(self, "connected", not a[3].is_failure)
        self.client.on_disconnect = lambda *_: setattr(self, "connected", False)
        self.client.on_message = lambda _c, _u, message: self.got.append((message.topic, message.payload))
        self.client.on_publish = self._published
        self.client.on_subscribe = lambda *a: self.granted.extend(one.value for one in a[3])
        try:
            self.client.connect("127.0.0.1", port)
        except OSError:  # a handshake that the broker breaks off
            self.connected = False
        self.client.loop_start()

    def _published(self, _client: Any, _data: Any, mid: int, reason: Any, _properties: Any) -> None:
        self.answers[mid] = reason.value

    async def joined(self) -> bool:
        """Whether it was let in."""
        await until(lambda: self.connected is not None, 10)
        return bool(self.connected)

    async def gone(self, seconds: float = 10.0) -> None:
        """Wait until the broker closed the connection."""
        await until(lambda: self.connected is False, seconds)

    async def says(self, topic: str, payload: bytes = b"{}", *, retain: bool = False) -> int:
        """Publish at QoS 1; the broker's reason code (0 or 16: taken, 135: not authorised)."""
        mid = self.client.publish(topic, payload, qos=1, retain=retain).mid
        await until(lambda: mid in self.answers, 10)
        return self.answers[mid]

    async def listens(self, *topics: str) -> None:
        """Subscribe; Mosquitto grants every filter, and asks at each delivery."""
        before = len(self.granted)
        self.client.subscribe([(topic, paho.SubscribeOptions(qos=1)) for topic in topics])
        await until(lambda: len(self.granted) == before + len(topics), 10)

    def leave(self) -> None:
        """Close the connection and end its thread."""
        self.client.disconnect()
        self.client.loop_stop()


class Crowd:
    """Speakers that are all left at the end."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._here: list[Speaker] = []

    def join(self, user: str, key: str, **more: Any) -> Speaker:
        """One more."""
        self._here.append(Speaker(more.pop("port", self._port), user, key, **more))
        return self._here[-1]

    def leave(self) -> None:
        """All of them."""
        for one in self._here:
            one.leave()


@contextlib.contextmanager
def crowd(broker: Mosquitto) -> Iterator[Crowd]:
    """Devices at a broker."""
    here = Crowd(broker.port)
    try:
        yield here
    finally:
        here.leave()
