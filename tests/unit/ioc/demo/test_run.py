"""The supervisor's small parts; a whole demo is tried in tests/integration/test_centre.py."""

import asyncio
import datetime as dt
import socket
from pathlib import Path

import pytest

from ioc.broker_address import login
from ioc.demo.run import _healthy, _patient, _up, environment, free_port
from ioc.embedded import SetupError
from ioc.settings import Settings, read
from ioc.store.parts import Part
from tests.fakes.things import NOW


def test_a_port_that_is_taken_is_passed_over() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        wanted = taken.getsockname()[1]
        found = free_port("127.0.0.1", wanted)
        assert wanted < found < wanted + 100


def test_without_a_free_port_one_sentence_says_what_to_do() -> None:
    with pytest.raises(SetupError, match="IOC_HTTP_PORT"):
        free_port("192.0.2.1", 65530)


class OneBroker:
    """The broker of a stack that never started."""

    folder = Path("broker")
    tls_port = 8883
    refusals = True


class OneStack:
    """The addresses of a stack that never started."""

    broker = OneBroker()

    mqtt = ("127.0.0.1", 1884)

    def database_url(self, role: str) -> str:
        return f"postgresql://{role}:secret@/ioc"

    def mqtt_key(self, user: str) -> str:
        return f"key-of-{user}"


def test_the_parts_are_told_what_they_need_and_nothing_of_the_owner(
    monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    monkeypatch.setenv("IOC_DATABASE_OWNER_URL", "postgresql://ioc_owner")
    settings = Settings(state_dir=str(tmp_path), centre="dai-loc", demo_speed=30.0)
    told = environment(OneStack(), settings, 8081)  # type: ignore[arg-type]
    assert "IOC_DATABASE_OWNER_URL" not in told
    heard = read(told, settings.state / "ioc.toml")
    assert (heard.state, heard.centre, heard.http_port, heard.demo_speed) == (settings.state, "dai-loc", 8081, 30.0)
    assert (heard.replay, heard.database_url) == (True, "postgresql://ioc_app:secret@/ioc")
    found = login(heard, "me")
    assert (found.user, found.password, found.port) == ("ioc-intake", "key-of-ioc-intake", 1884)


def test_the_parts_are_told_every_setting_of_the_demo(tmp_path: Path) -> None:
    told = environment(OneStack(), Settings(state_dir=str(tmp_path)), 8081)  # type: ignore[arg-type]
    names = {f"IOC_{name.upper()}" for name in Settings.__struct_fields__}
    assert {name for name in told if name.startswith("IOC_")} == names - {"IOC_DATABASE_OWNER_URL"}
    own = {
        "mqtt_client": "paho",
        "intake_share": True,
        "spool_bytes": 2**21,
        "media_bytes": 2**22,
        "detector": "/m.onnx",
    }
    chosen = Settings(state_dir=str(tmp_path), **own)  # type: ignore[arg-type]
    heard = read(environment(OneStack(), chosen, 8081), tmp_path / "ioc.toml")  # type: ignore[arg-type]
    assert {name: getattr(heard, name) for name in own} == own


def test_a_part_is_up_when_it_says_so_since_this_start() -> None:
    part = Part(name="serve", ready=True, state={}, seen_at=NOW)
    assert _up(part, NOW)
    assert not _up(part, NOW + dt.timedelta(microseconds=1))
    assert not _up(Part(name="serve", ready=False, state={}, seen_at=NOW), NOW)
    assert not _up(None, NOW)


@pytest.mark.parametrize(("answer", "healthy"), [(b"HTTP/1.0 200 OK\r\n", True), (b"HTTP/1.0 503 No\r\n", False)])
async def test_the_wall_is_served_when_it_answers_200(answer: bytes, healthy: bool) -> None:
    over = asyncio.Event()

    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        writer.close()
        await writer.wait_closed()
        over.set()

    async with await asyncio.start_server(speak, "127.0.0.1", 0) as server:
        assert await _healthy("127.0.0.1", server.sockets[0].getsockname()[1]) is healthy
        await over.wait()


async def test_where_nobody_listens_nothing_is_served() -> None:
    assert await _healthy("127.0.0.1", 1) is False


class Wire:
    """A publisher whose broker is away for some messages."""

    def __init__(self, away: int) -> None:
        self.away = away
        self.tried = 0

    async def publish(self, topic: str, payload: bytes) -> None:
        self.tried += 1
        if self.tried <= self.away:
            raise TimeoutError


@pytest.mark.parametrize(("away", "tried"), [(0, 1), (2, 3), (100, 30)])
async def test_a_reading_is_sent_again_while_the_broker_is_away_but_not_for_ever(away: int, tried: int) -> None:
    wire = Wire(away)
    await _patient(wire)("t", b"x")  # type: ignore[arg-type]
    assert wire.tried == tried
