"""Facts about a worker's process as its warden sees it."""

import asyncio

import pytest

from cameras.child import end, hear, spawn
from cameras.wire import Pulse, framed


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        (framed(Pulse(dropped=3)), Pulse(dropped=3)),
        (b"", ""),
        (framed(Pulse(dropped=3))[:-1], ""),
        (b"\xff\xff\xff\xff", "what nobody understands"),
        (b"\0\0\0\1x", "what nobody understands"),
        (None, "said nothing"),
    ],
)
async def test_what_a_worker_says_is_a_report_or_the_reason_why_there_is_none(
    said: bytes | None, answer: Pulse | str
) -> None:
    """Whatever it does."""
    pipe = asyncio.StreamReader()
    if said is not None:
        pipe.feed_data(said)
        pipe.feed_eof()
    heard = await hear(pipe, 0.05)
    assert heard == answer if isinstance(answer, Pulse) or not answer else answer in str(heard)


async def test_a_worker_is_started_without_our_environment_and_ended_for_good(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its pipes are closed with it."""
    monkeypatch.setenv("IOC_DATABASE_URL", "postgresql://secret")
    process = await spawn()
    async with asyncio.timeout(20):
        with open(f"/proc/{process.pid}/environ", "rb") as environment:  # noqa: ASYNC230, PTH123
            assert b"secret" not in environment.read()
        await end(process)
        await end(process)
    assert process.returncode == -9
