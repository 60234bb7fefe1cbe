"""Facts about calls that leave this machine: who may be called, and what bounds a call."""

import asyncio
import contextlib
import ipaddress
import time
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

import pytest

from ioc.outbound import Allowed, Outbound, OutboundError, plain

HERE = Allowed.parse("127.0.0.0/8")


@contextlib.asynccontextmanager
async def serving(answer: bytes | Callable[[asyncio.StreamWriter], Any]) -> AsyncIterator[int]:
    """A server of raw bytes; yields its port."""

    writers: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            if isinstance(answer, bytes):
                writer.write(answer)
                await writer.drain()
            else:
                await answer(writer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]
    for writer in writers:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


def test_networks_and_names_are_told_apart_and_a_wrong_one_is_named() -> None:
    allowed = Allowed.parse("10.20.0.0/16, Recorder.Hoi-An.local ,2001:db8::/32")
    assert [str(one) for one in allowed.networks] == ["10.20.0.0/16", "2001:db8::/32"]
    assert allowed.hosts == {"recorder.hoi-an.local"}
    assert Allowed.parse("") == Allowed()
    for wrong in ("10.20.0.1/16", "http://x", "10.20", "a b"):
        with pytest.raises(ValueError, match="neither a network"):
            Allowed.parse(wrong)


@pytest.mark.parametrize(
    ("address", "true"),
    [
        ("::ffff:127.0.0.1", "127.0.0.1"), ("64:ff9b::a9fe:a9fe", "169.254.169.254"), ("2002:7f00:1::", "127.0.0.1"),
        ("::127.0.0.1", "127.0.0.1"), ("::1", "::1"), ("10.0.0.1", "10.0.0.1"), ("2001:db8::1", "2001:db8::1"),
    ],
)  # fmt: skip
def test_an_address_within_another_is_taken_out(address: str, true: str) -> None:
    assert plain(ipaddress.ip_address(address)) == ipaddress.ip_address(true)


@pytest.mark.parametrize(
    ("allowed", "host", "address", "may"),
    [
        ("10.20.0.0/16", "x", "10.20.3.4", True),
        ("10.20.0.0/16", "x", "10.21.3.4", False),
        ("10.20.0.0/16", "x", "::ffff:10.20.3.4", True),
        ("cam.local", "cam.local", "10.21.3.4", True),
        ("cam.local", "other.local", "10.21.3.4", False),
        ("cam.local", "cam.local", "127.0.0.1", False),
        ("cam.local", "cam.local", "169.254.169.254", False),
        ("cam.local", "cam.local", "100.100.100.200", False),
        ("127.0.0.0/8", "x", "127.0.0.1", True),
        ("0.0.0.0/0", "x", "169.254.169.254", False),
        ("0.0.0.0/0", "x", "0.0.0.0", False),  # noqa: S104
        ("0.0.0.0/0", "x", "224.0.0.1", False),
        ("0.0.0.0/0", "x", "255.255.255.255", False),
        ("::/0", "x", "fe80::1", False),
        ("::/0", "x", "fd00:ec2::254", False),
        ("", "x", "10.20.3.4", False),
    ],
)
def test_who_may_be_called(allowed: str, host: str, address: str, may: bool) -> None:
    assert Allowed.parse(allowed).may(host, ipaddress.ip_address(address)) is may


async def test_a_call_is_answered_with_status_headers_and_body() -> None:
    said = b"HTTP/1.1 401 No\r\nWWW-Authenticate: Digest x\r\nContent-Length: 2\r\n\r\nno"
    async with serving(said) as port, Outbound.open(HERE) as outbound:
        answer = await outbound("POST", f"http://127.0.0.1:{port}/x", body=b"hello")
    assert (answer.status, answer.body) == (401, b"no")
    assert answer.headers["www-authenticate"] == "Digest x"


async def test_a_name_is_resolved_once_and_the_judged_address_is_called() -> None:
    """The second answer of this resolver would be forbidden, and is never asked for."""
    asked: list[str] = []

    async def changing(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["169.254.169.254"]

    said = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    async with serving(said) as port, Outbound.open(HERE, resolve=changing) as outbound:
        assert (await outbound("GET", f"http://cam.local:{port}/")).body == b"ok"
        assert asked == ["cam.local"]
        with pytest.raises(OutboundError, match="may not be called"):
            await outbound("GET", f"http://cam.local:{port}/")


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (b"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n", "redirect"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + b"x" * 5000, "too_big"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1388\r\n" + b"x" * 5000 + b"\r\n0\r\n\r\n", "too_big"),
        (b"nonsense\r\n\r\n", "unreachable"),
        (b"", "unreachable"),
    ],
)
async def test_what_a_server_may_not_do(answer: bytes, code: str) -> None:
    async with serving(answer) as port, Outbound.open(HERE) as outbound:
        with pytest.raises(OutboundError) as refusal:
            await outbound("GET", f"http://127.0.0.1:{port}/", most_bytes=1000)
    assert refusal.value.code == code


async def test_a_server_that_dribbles_is_left_in_time() -> None:
    async def dribble(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        for _ in range(100):
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.02)

    async with serving(dribble) as port, Outbound.open(HERE) as outbound:
        begun = time.monotonic()
        with pytest.raises(OutboundError, match=r"no answer within 0\.3 s"):
            await outbound("GET", f"http://127.0.0.1:{port}/", within_s=0.3)
        assert time.monotonic() - begun < 1.5


async def test_a_packed_answer_is_not_unpacked() -> None:
    """So that no bomb bursts here: it is read as the bytes that came."""
    async with (
        serving(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\x1f\x8b\x08\x00") as port,
        Outbound.open(HERE) as outbound,
    ):
        assert (await outbound("GET", f"http://127.0.0.1:{port}/")).body == b"\x1f\x8b\x08\x00"
