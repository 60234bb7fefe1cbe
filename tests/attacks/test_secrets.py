"""Planted secrets are found nowhere (A12): a whole demo runs, is asked all sorts of things, and is searched.

Known are all secrets that it made at its first start (passwords, tokens, keys of devices, the cameras' password, the
database's) and those that this test sends: wrong passwords, sessions, tokens in the wrong place. Searched are its
output, every log, every answer, what the database shows to programs outside, and the command lines of all processes.
"""

import asyncio
import json
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest

ROOT = Path(__file__).parents[2]
READY = b"IOC ready: "
SHOWN_BYTES = 20_000
SENT = {name: f"planted-{name}-7f3a9c1e5b" for name in ("password", "token", "cookie", "query", "body", "key", "path")}


class Demo:
    """A running demo: its address, its account and its output."""

    def __init__(self, state: Path, output: Path, account: dict[str, Any]) -> None:
        self.state, self.output, self.account = state, output, account
        self.url = account["url"].rstrip("/")
        self.kept = json.loads(next(state.glob("secrets*.json")).read_text())

    @property
    def secrets(self) -> dict[str, str]:
        """Every secret by where it is from; what is short or public is none."""
        found = {f"{kind} {name}": text for kind, names in self.kept.items() for name, text in names.items()}
        found = {name: text for name, text in found.items() if name != "installation id" and len(text) > 15}
        streams = {f"camera {one['code']}": urlsplit(one["rtsp"]).password for one in self.account["cameras"]}
        found |= {name: text for name, text in streams.items() if text}
        return found | {f"sent {name}": text for name, text in SENT.items()}


@pytest.fixture
async def demo() -> AsyncIterator[Demo]:
    """A demo on a state dir of its own, for one test."""
    state = Path(tempfile.mkdtemp(prefix="ioc-"))
    output = state / "output.txt"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("IOC_")}
    environment |= {"IOC_STATE_DIR": str(state / "s"), "IOC_HTTP_PORT": "18300"}
    with output.open("wb") as written:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "ioc", "demo", env=environment, cwd=ROOT, stdout=written, stderr=written
        )
    try:
        async with asyncio.timeout(120):
            while READY not in output.read_bytes():
                assert process.returncode is None, output.read_text(errors="replace")
                await asyncio.sleep(0.2)
        yield Demo(state / "s", output, json.loads((state / "s" / "demo.json").read_bytes()))
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await process.wait()
        shutil.rmtree(state, ignore_errors=True)


async def _body(answer: aiohttp.ClientResponse) -> bytes:
    """All of a body, and the beginning of one that has no end: what a camera shows now."""
    if answer.content_type not in {"video/mp4", "multipart/x-mixed-replace"} or answer.content_length is not None:
        return await answer.read()
    body = b""
    while len(body) < SHOWN_BYTES and (more := await answer.content.readany()):
        body += more
    return body


async def _answers(demo: Demo) -> list[bytes]:
    """Heads and bodies of all sorts of requests; what is told of the person's own new session is left out."""
    admin = demo.account["accounts"]["admin"]
    mine = {"Authorization": f"Bearer {admin['token']}"}
    told: list[bytes] = []
    async with aiohttp.ClientSession(base_url=demo.url, cookie_jar=aiohttp.DummyCookieJar()) as http:

        async def ask(method: str, path: str, **options: Any) -> bytes:
            async with http.request(method, path, allow_redirects=False, **options) as answer:
                body = await _body(answer)
                told.append(repr(answer.headers).encode() + body)
                return body

        document = json.loads(await ask("GET", "/api/v1/openapi.json", headers=mine))
        session = "/api/v1/session"
        for body in ({"user": admin["user"], "password": SENT["password"]}, {"user": SENT["password"], "password": "x"},
                     {"user": admin["user"], "password": [SENT["body"]]}, {SENT["body"]: 1}, SENT["body"]):  # fmt: skip
            await ask("POST", session, json=body)
        await ask("POST", session, json={"user": admin["user"], "password": admin["password"]})
        await ask("GET", session, headers={"Authorization": f"Bearer {SENT['token']}"})
        await ask("GET", session, headers={"Cookie": f"ioc_session={SENT['cookie']}"})
        for path in document["paths"]:
            if path == "/api/v1/live":
                continue
            for code in ("cam-", *(camera["code"] for camera in demo.account["cameras"][:2])):
                filled = path.replace("{code}", code).replace("{collection}", "cameras").replace("{fid}", code)
                await ask("GET", filled, headers=mine)
            await ask("GET", f"{filled}?token={SENT['query']}&{SENT['query']}=1", headers=mine)
            await ask("POST", filled, headers=mine | {"Idempotency-Key": SENT["key"]}, json={"x": SENT["body"]})
        for name in ("cameras", "devices", "alarms", "incidents", "observations_latest"):
            await ask("GET", f"/ogc/collections/{name}/items?limit=10000", headers=mine)
        await ask("GET", f"/{SENT['path']}", headers=mine)
        async with http.get("/api/v1/live?snapshot=1", headers=mine) as stream:
            while b"event: ready" not in (told[-1] if told else b""):
                told.append(await stream.content.readany())
    return [one for one in told if one]


def _logs(demo: Demo) -> Iterator[tuple[str, bytes]]:
    yield "output", demo.output.read_bytes()
    for path in (demo.state / "logs").rglob("*"):
        if path.is_file():
            yield path.name, path.read_bytes()


def _command_lines() -> Iterator[tuple[str, bytes]]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                yield "command line", (entry / "cmdline").read_bytes()


ECHOED = {"sent query", "sent body"}
"""Names of unknown parameters and members are told to who sent them; a secret is a value and is not."""


async def test_no_secret_is_found_anywhere(demo: Demo, capsys: pytest.CaptureFixture[str]) -> None:
    answers = await _answers(demo)
    places = [*(("answer", one) for one in answers), *_logs(demo), *_command_lines()]
    hits = [
        (place, name)
        for place, text in places
        for name, secret in demo.secrets.items()
        if secret.encode() in text and not (place == "answer" and name in ECHOED)
    ]
    with capsys.disabled():
        sys.stdout.write(f"\nsecrets found {len(hits)}: {len(demo.secrets)} secrets, {len(places)} places\n")
    assert not hits
    assert len(demo.secrets) > 40
    assert len(answers) > 100
