"""A whole demo centre as its users start it, and what they do with it from outside."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import orjson

ROOT = Path(__file__).parents[2]
START_S = 120.0


class Demo(msgspec.Struct, frozen=True):
    """A running demo: its state dir, its demo.json, and its supervisor's process id."""

    state: Path
    account: dict[str, Any]
    pid: int

    def get(self, path: str, who: str | None = "admin") -> tuple[int, bytes]:
        """Status and body of a request by bearer token, without one for None."""
        request = urllib.request.Request(self.account["url"].rstrip("/") + path)  # noqa: S310 - our own server
        if who is not None:
            request.add_header("Authorization", f"Bearer {self.account['accounts'][who]['token']}")
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310
                return answer.status, answer.read()
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code, refused.read()

    def items(self, collection: str, who: str = "admin", **wanted: str) -> list[dict[str, Any]]:
        """The features of a collection."""
        query = "&".join(f"{name}={value}" for name, value in {"limit": "1000", **wanted}.items())
        status, body = self.get(f"/ogc/collections/{collection}/items?{query}", who)
        assert status == 200, body
        features: list[dict[str, Any]] = orjson.loads(body)["features"]
        return features

    def child(self, name: str) -> int:
        """The process id of a part by a word of its command line."""
        for pid in descendants(self.pid):
            try:
                line = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue
            if name in line:
                return pid
        raise LookupError(f"no part of the demo is called {name}")


def until(find: Callable[[], Any], within_s: float, what: str) -> Any:
    """Wait for something true. AssertionError saying what did not come."""
    deadline = time.monotonic() + within_s
    while True:
        found = find()
        if found:
            return found
        assert time.monotonic() < deadline, f"{what} did not come within {within_s:.0f} s; last seen: {found}"
        time.sleep(0.2)


def descendants(root: int) -> list[int]:
    """All processes below one."""
    found, waiting = [], [root]
    while waiting:
        pid = waiting.pop()
        for task in Path(f"/proc/{pid}/task").glob("*/children"):
            try:
                children = [int(child) for child in task.read_text().split()]
            except OSError:
                continue
            found += children
            waiting += children
    return found


@contextmanager
def running(**settings: str) -> Iterator[Demo]:
    """A demo on a short state dir of its own, stopped by SIGTERM at the end."""
    state = Path(tempfile.mkdtemp(prefix="ioc-d-", dir="/tmp"))
    environment = {name: value for name, value in os.environ.items() if not name.startswith("IOC_")}
    environment |= {"IOC_STATE_DIR": str(state), "IOC_HTTP_PORT": "18080", **settings}
    output = state.with_suffix(".log")
    with output.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "ioc", "demo"], cwd=ROOT, env=environment, stdout=log, stderr=log
        )
    try:
        until(lambda: ready(process, output), START_S, "IOC ready")
        yield Demo(state, json.loads((state / "demo.json").read_bytes()), process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=20)
        shutil.rmtree(state, ignore_errors=True)
        output.unlink()


def ready(process: "subprocess.Popen[bytes]", output: Path) -> bool:
    """Whether the demo says so. AssertionError with its words when it has ended instead."""
    said = output.read_text(errors="replace")
    assert process.poll() is None, f"the demo ended before it was ready:\n{said[-2000:]}"
    return "IOC ready: http" in said
