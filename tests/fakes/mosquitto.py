"""A broker of the test's own, which can be killed, frozen and started again on the same port."""

import asyncio
import contextlib
import shutil
import signal
import subprocess
import tempfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from ioc.embedded import programs
from ioc.embedded.account import choose
from ioc.embedded.postgres import free_port
from sensors.broker import Login
from sensors.broker_paho import PahoPublisher


class Mosquitto:
    """The real one, with a persistence file that is written every second."""

    def __init__(self, folder: Path, *settings: str) -> None:
        self.port = free_port()
        self.folder = folder
        self._account = choose(("mosquitto",), folder)
        self._account.own(folder)
        (folder / "m.conf").write_text(
            f"listener {self.port} 127.0.0.1\npersistence true\nautosave_interval 1\nsys_interval 1\n"
            f"persistence_location {folder}/\nmax_inflight_messages 4000\nmax_queued_messages 100000\nlog_dest stderr\n"
            + "".join(f"{setting}\n" for setting in settings or ("allow_anonymous true",))
        )
        self.process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        """Start and wait until it answers."""
        user = {"user": self._account.uid, "group": self._account.gid} if self._account.switch else {}
        self.process = subprocess.Popen(  # noqa: ASYNC220
            [str(programs.mosquitto()), "-c", str(self.folder / "m.conf")], stderr=subprocess.DEVNULL, **user
        )
        async with asyncio.timeout(10):
            while True:
                with contextlib.suppress(OSError):
                    _, writer = await asyncio.open_connection("127.0.0.1", self.port)
                    writer.close()
                    return
                await asyncio.sleep(0.02)

    def send(self, number: signal.Signals) -> None:
        """Send it a signal: SIGSTOP freezes it, SIGCONT lets it go on."""
        assert self.process is not None
        self.process.send_signal(number)

    def kill(self, number: signal.Signals = signal.SIGKILL) -> None:
        """End it, by default without a word."""
        if self.process is not None:
            self.process.send_signal(number)
            self.process.send_signal(signal.SIGCONT)
            self.process.wait(10)
            self.process = None

    async def saved(self) -> None:
        """Wait until all that it holds now is in its persistence file."""
        before = self._written()
        await until(lambda: self._written() > before)

    def _written(self) -> int:
        with contextlib.suppress(FileNotFoundError):
            return (self.folder / "mosquitto.db").stat().st_mtime_ns
        return 0

    def login(self, client: str, user: str = "x", key: str = "x") -> Login:
        """Anybody, under a client id."""
        return Login(host="127.0.0.1", port=self.port, user=user, password=key, client_id=client)

    @contextlib.asynccontextmanager
    async def publishing(self, client: str = "device") -> AsyncIterator[PahoPublisher]:
        """A device that publishes at QoS 1."""
        async with PahoPublisher.open(self.login(client)) as publisher:
            yield publisher


@contextlib.asynccontextmanager
async def mosquitto_of(*settings: str) -> AsyncIterator[Mosquitto]:
    """A running broker in a short folder that its account can enter."""
    folder = Path(tempfile.mkdtemp(prefix="ioc-m-", dir="/tmp"))
    broker = Mosquitto(folder, *settings)
    await broker.start()
    try:
        yield broker
    finally:
        broker.kill(signal.SIGTERM)
        shutil.rmtree(folder, ignore_errors=True)


async def until(condition: Callable[[], bool], seconds: float = 15.0) -> None:
    """Wait for a condition. Raises TimeoutError."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.01)
