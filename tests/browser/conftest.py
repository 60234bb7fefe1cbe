"""The real demo and a real browser, for the tests of the wall. Both end with the module that asked for them."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from playwright.sync_api import Browser, sync_playwright

from ioc.embedded.places import Places

ROOT = Path(__file__).parents[2]
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = (
    "--no-sandbox",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
READY_S = 90


Tell = Callable[[str], None]
"""Writes a measured figure where the person who runs the tests sees it."""


class Demo(msgspec.Struct, frozen=True):
    """A running demo: what demo.json says, and its process."""

    account: dict[str, Any]
    process: subprocess.Popen[str]

    @property
    def url(self) -> str:
        """The address of the wall, without a slash at its end."""
        address: str = self.account["url"]
        return address.rstrip("/")

    def person(self, role: str) -> dict[str, str]:
        """User, password and token of a role."""
        person: dict[str, str] = self.account["accounts"][role]
        return person

    def part(self, name: str) -> int:
        """The process id of one of its parts."""
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                words = (folder / "cmdline").read_bytes().split(b"\0")
                parent = int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1])
                if parent == self.process.pid and words[-3:-1] == [b"ioc", name.encode()]:
                    return int(folder.name)
        raise LookupError(f"the demo has no part {name}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _ready(process: subprocess.Popen[str], log: Path) -> None:
    deadline = time.monotonic() + READY_S
    while "IOC ready" not in log.read_text():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"the demo did not become ready:\n{log.read_text()}")
        time.sleep(0.1)


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    """`python -m ioc demo` with a state dir of its own."""
    if not (ROOT / "ioc/wall/dist/index.html").is_file():
        pytest.skip("ioc/wall/dist is missing: the wall is not built. ./run builds it.")
    state = Path(tempfile.mkdtemp(prefix="ioc-b-", dir="/tmp"))
    state.chmod(0o711)
    log = state / "demo.log"
    settings = {"IOC_STATE_DIR": str(state), "IOC_HTTP_PORT": str(_free_port())}
    with log.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "ioc", "demo"],
            cwd=ROOT,
            env={**os.environ, **settings},
            stdout=out,
            stderr=subprocess.STDOUT,
            text=True,
        )
    try:
        _ready(process, log)
        yield Demo(json.loads((state / "demo.json").read_text()), process)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        shutil.rmtree(Places(state, "", lambda _: None).elsewhere, ignore_errors=True)
        shutil.rmtree(state, ignore_errors=True)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Headless Chromium of the machine, drawing with its own processor."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        pytest.skip("no Chromium is installed: ./run installs it.")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=found, args=list(ARGUMENTS))
        yield started
        started.close()


@pytest.fixture
def tell(request: pytest.FixtureRequest) -> Tell:
    """A line on the terminal, captured by nobody."""
    writer = request.config.get_terminal_writer()
    return lambda text: writer.line(f"\n  {text}")
