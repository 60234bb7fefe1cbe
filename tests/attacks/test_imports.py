"""Files that would burst whoever opens them: refused, with little memory and at once (A9)."""

import gzip
import io
import resource
import subprocess
import sys
import time
import zlib
from collections.abc import Callable

import pytest

from ioc.registration.sheet import MOST_BYTES
from tests.fakes.attack_world import World
from tests.fakes.workbooks import BOMBS

IMPORTS = "/api/v1/register/imports?kind=devices"
MEMORY_MB, SECONDS = 450, 12.0
"""What a file of ten megabytes may cost at most, while other work goes on; alone it is a fraction of it."""

_ALONE = """ # the peak of this program alone: getrusage tells that of the process that started it, too
import sys, time
from pathlib import Path
from ioc.registration import sheet_read
from ioc.registration.sheet import SheetError

def peak():
    return int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0])

data = sys.stdin.buffer.read()
Path("/proc/self/clear_refs").write_text("5")
before, began = peak(), time.perf_counter()
try:
    sheet_read.read(data, len)
except SheetError as error:
    print((peak() - before) / 1024, time.perf_counter() - began)
"""

TEXTS = {
    "columns": b"Code," * 1_000_000,
    "cells": b"Code,Name\n" + b"ab," * 3_000_000,
    "quoted cells": b"Code\n" + b'"a\n",' * 1_800_000,
    "one quoted cell": b'Code\n"' + b"x" * 9_000_000,
    "rows": b"Code\n" + b"a\n" * 4_000_000,
    "nul bytes": b"\0" * 9_000_000,
}
"""Giants that are no workbooks, by what of them there is too much."""


def alone(data: bytes) -> tuple[float, float]:
    """Megabytes and seconds that a process of its own needs to refuse a file."""
    limit = 2 * 2**30
    done = subprocess.run(
        [sys.executable, "-c", _ALONE], input=data, capture_output=True, check=False, timeout=60,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()[-500:]
    assert done.stdout, "the file was taken"
    memory, seconds = map(float, done.stdout.split())
    return memory, seconds


@pytest.mark.promise("A9")
def test_bombs_and_giants_are_refused_with_little_memory(tell: Callable[..., None]) -> None:
    tried = {name: made() for name, made in BOMBS.items()} | TEXTS
    costs = {name: alone(data) for name, data in tried.items()}
    memory = max((cost[0], name) for name, cost in costs.items())
    seconds = max((cost[1], name) for name, cost in costs.items())
    largest = max(map(len, tried.values())) / 2**20
    tell(files=len(costs), largest_mb=largest, peak_mb=memory[0], peak_of=memory[1], refused_s=seconds[0])
    assert 1 < memory[0] < MEMORY_MB, costs
    assert seconds[0] < SECONDS, costs


@pytest.mark.promise("A9")
async def test_the_server_refuses_them_and_goes_on(world: World, tell: Callable[..., None]) -> None:
    """Bombs by their content, bodies packed once more, and a body that is longer than it may be without an end said."""
    token = world.tokens["quang-nam", "registrar"]
    mine = {"Authorization": f"Bearer {token}", "Content-Type": "application/octet-stream"}
    worst = 0.0
    packed = {"gzip": gzip.compress(b"a," * 40_000_000, 9), "deflate": zlib.compress(b"a," * 40_000_000, 9)}
    bodies = [({}, made(), 422) for name, made in BOMBS.items() if name in ("corner", "repeated", "laughs", "nested")]
    bodies += [({"Content-Encoding": way}, data, 415) for way, data in packed.items()]
    for more, data, wanted in bodies:
        began = time.monotonic()
        async with world.server.http.post(
            world.server.url + IMPORTS, data=io.BytesIO(data), headers=mine | more
        ) as got:
            assert got.status == wanted, (await got.text())[:300]
        worst = max(worst, time.monotonic() - began)

    async def endless():
        for _ in range(2 * MOST_BYTES // 2**16):
            yield b"a" * 2**16

    async with world.server.http.post(world.server.url + IMPORTS, data=endless(), headers=mine) as got:
        assert got.status == 413
    assert (await world.server.get("/healthz", None))[0] == 200
    tell(requests=len(bodies) + 1, refused_s=worst)
    assert worst < SECONDS
