"""A6: addresses lead only where they may. Canaries listen, and every attempt to connect of this process is recorded."""

import asyncio
import contextlib
import datetime as dt
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from typing import Any

import msgspec
import pytest

from cameras.camera import Address
from ioc.access.scope import EVERYTHING
from ioc.demo.registry import registry
from ioc.demo.seed import camera_row, seed_places
from ioc.outbound import Allowed, Outbound, OutboundError
from ioc.pinned import Pins
from ioc.probe_address import wanted_of
from ioc.probing import Prober
from ioc.store.database import Database
from ioc.store.registry import put_camera
from ioc.watchpost import Roll
from tests.fakes.soap_camera import soap_camera
from tests.fakes.vaults import vault

_tried: list[Any] = []
_listening = False


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if _listening and event == "socket.connect":
        _tried.append(arguments[1])


sys.addaudithook(_hook)


@pytest.fixture
def tried() -> Iterator[list[Any]]:
    """Where this process tried to connect to while the test ran, by Python's own audit events."""
    global _listening
    _tried.clear()
    _listening = True
    yield _tried
    _listening = False


@pytest.fixture
async def canaries() -> AsyncIterator[dict[str, Any]]:
    """Listeners on loopback addresses of both families; `port` and how many came."""
    came: dict[str, Any] = {"count": 0}

    async def count(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        came["count"] += 1
        writer.close()

    async with contextlib.AsyncExitStack() as stack:
        first = await asyncio.start_server(count, "127.0.0.1", 0)
        await stack.enter_async_context(first)
        came["port"] = first.sockets[0].getsockname()[1]
        for address in ("127.0.0.2", "::1"):
            with contextlib.suppress(OSError):
                await stack.enter_async_context(await asyncio.start_server(count, address, came["port"]))
        yield came


def utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


pytestmark = pytest.mark.promise("A6")

HOSTS = (
    "127.0.0.1", "127.0.0.2", "127.1", "2130706433", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1", "017700000001",
    "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:127.0.0.1]", "[::127.0.0.1]",
    "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[fe80::1]", "[fe80::1%25lo]", "[::]", "0.0.0.0", "0",  # noqa: S104
    "169.254.169.254", "[::ffff:169.254.169.254]", "[64:ff9b::a9fe:a9fe]", "2852039166", "0xa9fea9fe",
    "metadata.google.internal", "localhost", "localhost.", "LOCALHOST", "localhost.localdomain", "ip6-localhost",
    "127.0.0.1.nip.io", "evil.local", "①②⑦.0.0.1", "127。0。0。1", "224.0.0.1", "255.255.255.255", "[ff02::1]",
    "10.99.0.1", "100.100.100.200", "[fd00:ec2::254]",
)  # fmt: skip

ADDRESSES = (
    "file:///etc/passwd", "ftp://10.20.0.1/", "gopher://10.20.0.1/", "data:text/plain,x", "unix:///tmp/x",
    "//10.20.0.1/",
    "http://", "http:///x", "http://10.20.0.1@127.0.0.1/", "http://user:pw@10.20.0.1/", "http://10.20.0.1\\@127.0.0.1/",
    "http://127.0.0.1#@10.20.0.1/", "http://127.0.0.1?@10.20.0.1/", "http://10.20.0.1:99999/", "http://[::1", "",
    "http://10.20.0.1\n.evil/", "http://10.20.0.1 .evil/", "jar:http://10.20.0.1!/", "javascript:1",
)  # fmt: skip


async def everywhere(host: str, port: int) -> Sequence[str]:
    """A resolver in an attacker's hands: every name leads to what may not be called."""
    return ["127.0.0.1", "::1", "169.254.169.254", "::ffff:127.0.0.1", "fe80::1"]


async def _call(outbound: Outbound, address: str) -> str:
    try:
        await outbound("GET", address, within_s=2.0)
    except OutboundError as refusal:
        return refusal.code if str(refusal) else "without a word"
    return "called"


@pytest.mark.parametrize("allowed", ["10.20.0.0/16", "10.20.0.0/16,evil.local,localhost,metadata.google.internal", ""])
async def test_no_address_reaches_what_is_forbidden(
    allowed: str, canaries: dict[str, Any], tried: list[Any], tell: Callable[..., None]
) -> None:
    """Connections at the canaries: none; attempts to connect to anything at all: none."""
    port = canaries["port"]
    async with Outbound.open(Allowed.parse(allowed), resolve=everywhere) as outbound:
        tried.clear()
        for scheme in ("http", "https"):
            for host in HOSTS:
                assert await _call(outbound, f"{scheme}://{host}:{port}/x") in ("not_allowed", "address"), host
        for address in ADDRESSES:
            assert await _call(outbound, address) in ("not_allowed", "address"), address
    tell(addresses=2 * len(HOSTS) + len(ADDRESSES), connections_at_canaries=canaries["count"], attempts=len(tried))
    assert canaries["count"] == 0
    assert tried == []


async def test_pins_for_other_protocols_are_judged_the_same_way(tried: list[Any]) -> None:
    """What an RTSP address would ask."""
    async with Outbound.open(Allowed.parse("10.20.0.0/16"), resolve=everywhere) as outbound:
        assert (await outbound.pinned("10.20.0.7", 554)).address == "10.20.0.7"
        tried.clear()
        for host in HOSTS:
            with pytest.raises(OutboundError):
                await outbound.pinned(host, 554)
    assert tried == []


async def test_a_redirect_leads_nowhere(canaries: dict[str, Any]) -> None:
    """The first server may be called, the canary it sends to may, too; and still nobody follows."""

    async def send(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(f"HTTP/1.1 307 Go\r\nLocation: http://127.0.0.1:{canaries['port']}/\r\n\r\n".encode())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(send, "127.0.0.1", 0)
    async with server, Outbound.open(Allowed.parse("127.0.0.0/8")) as outbound:
        port = server.sockets[0].getsockname()[1]
        assert await _call(outbound, f"http://127.0.0.1:{port}/") == "redirect"
    assert canaries["count"] == 0


async def test_a_dns_answer_that_changes_is_asked_for_once(canaries: dict[str, Any], tried: list[Any]) -> None:
    """Judged at 127.0.0.2, which is allowed; whatever the name says afterwards, the connection goes there."""
    answers = iter([["127.0.0.2"]])

    async def changing(host: str, port: int) -> Sequence[str]:
        return next(answers, ["127.0.0.1"])

    async with Outbound.open(Allowed.parse("127.0.0.2/32"), resolve=changing) as outbound:
        tried.clear()
        await _call(outbound, f"http://evil.local:{canaries['port']}/")
        assert {address[0] for address in tried} == {"127.0.0.2"}
        assert await _call(outbound, f"http://evil.local:{canaries['port']}/") == "not_allowed"
        assert {address[0] for address in tried} == {"127.0.0.2"}


SPELLINGS = tuple(host.strip("[]").partition("%")[0] if host.startswith("[") else host for host in HOSTS)


def _spelled(port: int) -> list[str]:
    """Every forbidden host as a person might type a camera's address, and what is no camera's address at all."""
    hosts = [f"{form}{host}:{port}/x" for host in HOSTS for form in ("", "http://", "https://", "rtsp://", "rtsps://")]
    return [*hosts, *SPELLINGS, *ADDRESSES, *(one.replace("http://", "rtsp://", 1) for one in ADDRESSES)]


def _leads_to(address: str, host: str) -> bool:
    """Whether an address of the list is one of a host that may be called."""
    try:
        return wanted_of(address).host == host
    except ValueError:
        return False


async def _looker_is_not_started(*_: Any, **__: Any) -> Any:
    raise AssertionError("a process was started for an address that may not be called")


@pytest.mark.parametrize("allowed", ["10.20.0.0/16", "10.20.0.0/16,evil.local,localhost,metadata.google.internal", ""])
async def test_a_probe_reaches_nothing_that_is_forbidden(
    allowed: str, canaries: dict[str, Any], tried: list[Any], tell: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither its ONVIF questions nor its RTSP description nor the process that looks, which is not even started."""
    monkeypatch.setattr(asyncio, "create_subprocess_exec", _looker_is_not_started)
    prober = Prober(Allowed.parse(allowed), utc_now, resolve=everywhere)
    tried.clear()
    spelled = [one for one in _spelled(canaries["port"]) if not _leads_to(one, "10.20.0.1")]
    for address in spelled:
        found = await prober.probe(address, "u", "p")
        assert next(one.failure for one in found.steps) in ("not_allowed", "address"), address
    tell(addresses=len(spelled), connections_at_canaries=canaries["count"], attempts=len(tried))
    assert canaries["count"] == 0
    assert tried == []


async def test_a_registered_address_that_is_forbidden_is_never_opened(
    database: Database, canaries: dict[str, Any], tried: list[Any], tell: Callable[..., None]
) -> None:
    """The list of cameras that is handed to the processes which open streams holds none of them, and no name at all."""
    outbound = Allowed.parse("10.20.0.0/16,evil.local,localhost,good.local")

    async def resolve(host: str, port: int) -> Sequence[str]:
        return ["10.20.0.9"] if host == "good.local" else await everywhere(host, port)

    urls = [f"{scheme}://u:p@{host}:{canaries['port']}/x" for host in HOSTS for scheme in ("rtsp", "http")]
    urls = [url for url in urls if _is_address(url)]
    good = {"cam-good": "rtsp://u:p@10.20.0.7/a", "cam-name": "rtsp://u:p@good.local:8554/a"}
    wanted = {f"cam-{number}": url for number, url in enumerate(urls)} | good | {"cam-file": "file:///etc/passwd"}
    await seed_places(database)
    row = camera_row(registry().cameras[0])
    async with database.transaction(EVERYTHING) as transaction:
        for code, url in wanted.items():
            await put_camera(transaction, msgspec.structs.replace(row, code=code), url, utc_now(), vault())
    async with Outbound.open(outbound, resolve=resolve) as judge:
        tried.clear()
        roll = Roll(database, vault(), Pins(judge, time.monotonic))
        found = await roll.read()
    assert {one.code: one.address.url for one in found} == {
        "cam-good": good["cam-good"],
        "cam-name": "rtsp://u:p@10.20.0.9:8554/a",
    }
    assert len(roll.barred) == len(urls)
    assert not [one for one in tried if isinstance(one, tuple) and one[1] == canaries["port"]]
    tell(addresses=len(wanted), connections_at_canaries=canaries["count"])
    assert canaries["count"] == 0


def _is_address(url: str) -> bool:
    try:
        return bool(Address(url))
    except ValueError:
        return False


async def test_what_a_camera_names_or_sends_to_leads_to_no_canary(canaries: dict[str, Any]) -> None:
    """Its services, its streams, its pictures are looked for on the host that was asked; redirections stay unfollowed,
    over HTTP, over RTSP and in the process that looks."""
    canary = f"127.0.0.2:{canaries['port']}"
    services = (
        "<GetCapabilitiesResponse><Capabilities>"
        + "".join(f"<{name}><XAddr>http://{canary}/onvif</XAddr></{name}>" for name in ("Media", "Media2", "Events"))
        + "</Capabilities></GetCapabilitiesResponse>"
    )
    recorded = {
        "GetDeviceInformation": "<GetDeviceInformationResponse/>", "GetCapabilities": services,
        "GetProfiles": '<GetProfilesResponse><Profiles token="a"><Name>A</Name></Profiles></GetProfilesResponse>',
        "GetSnapshotUri": f"<GetSnapshotUriResponse><Uri>http://{canary}/snap</Uri></GetSnapshotUriResponse>",
    }  # fmt: skip
    went: list[str] = []
    async with _sending(f"rtsp://{canary}/x", went) as port:
        recorded["GetStreamUri"] = f"<GetStreamUriResponse><Uri>rtsp://127.0.0.2:{port}/s</Uri></GetStreamUriResponse>"
        async with soap_camera(demands="none", recorded=recorded) as camera:
            prober = Prober(Allowed.parse("127.0.0.1/32"), utc_now)
            found = await prober.probe(f"127.0.0.1:{camera.port}", "u", "p")
        direct = await prober.probe(f"rtsp://127.0.0.1:{port}/s", "u", "p", 1)
    assert found.profiles[0].stream == f"rtsp://127.0.0.1:{port}/s"
    for one in (found, direct):
        assert {step.step: step.failure for step in one.steps}["describe"] == "redirect"
    assert went == ["DESCRIBE", "DESCRIBE"]
    assert canaries["count"] == 0


@contextlib.asynccontextmanager
async def _sending(to: str, went: list[str]) -> AsyncIterator[int]:
    """An RTSP server that sends everybody elsewhere."""

    async def send(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        went.append((await reader.readuntil(b" ")).decode().strip())
        writer.write(f"RTSP/1.0 302 Go\r\nCSeq: 1\r\nLocation: {to}\r\n\r\n".encode())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(send, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def test_a_probe_asks_for_a_name_once_whatever_it_says_later(canaries: dict[str, Any], tried: list[Any]) -> None:
    answers = iter([["127.0.0.2"]])

    async def changing(host: str, port: int) -> Sequence[str]:
        return next(answers, ["127.0.0.1"])

    prober = Prober(Allowed.parse("127.0.0.2/32"), utc_now, resolve=changing)
    tried.clear()
    found = await prober.probe(f"rtsp://evil.local:{canaries['port']}/x", "u", "p", canaries["port"])
    called = {one[0] for one in tried if isinstance(one, tuple)}
    assert called == {"127.0.0.2"}
    assert "not_allowed" not in {one.failure for one in found.steps}


async def test_the_canaries_sing_when_they_may(canaries: dict[str, Any], tried: list[Any]) -> None:
    """The instruments see what they are there to see."""
    async with Outbound.open(Allowed.parse("127.0.0.0/8")) as outbound:
        assert await _call(outbound, f"http://127.0.0.1:{canaries['port']}/") == "unreachable"
    assert canaries["count"] >= 1
    assert ("127.0.0.1", canaries["port"]) in tried
