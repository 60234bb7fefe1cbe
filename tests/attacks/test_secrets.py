"""Planted secrets are found nowhere (A12): a whole demo runs, is asked all sorts of things, and is searched.

Known are all secrets that it made at its first start (passwords, tokens, keys of devices, the cameras' password, the
database's) and those that this test sends: wrong passwords, sessions, tokens in the wrong place. Searched are its
output, every log, every answer and export, the whole database as text (pg_dump) and as files, every file of the state
dir but those that are there to hold secrets, and the command lines of all processes while a camera is being probed.

And nothing opens with a password that somebody might guess because many things ship with it.
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
import asyncpg
import pytest

from cameras.camera import Address
from cameras.failure import StreamError
from cameras.rtsp_knock import knocked
from ioc.embedded.programs import postgresql

ROOT = Path(__file__).parents[2]
READY = b"IOC ready: "
SHOWN_BYTES = 20_000
PLANTED = (
    "password",
    "token",
    "cookie",
    "query",
    "body",
    "key",
    "path",
    "camera",
    "renewed",
    "probe",
    "inline",
    "guess",
)
SENT = {name: f"planted-{name}-7f3a9c1e5b" for name in PLANTED}
HOLDERS = ("demo.json", "secrets", "camera-keys.json")
"""Beginnings of names of the files that hold secrets; nobody but their owner may read them."""


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
        keys = json.loads((self.state / "camera-keys.json").read_text())["keys"]
        found |= {f"key of the vault {name}": text for name, text in keys.items()}
        return found | {f"sent {name}": text for name, text in SENT.items()}

    async def superuser(self, **more: Any) -> asyncpg.Connection:
        """The whole database."""
        return await asyncpg.connect(**self.postgres, **more)

    @property
    def postgres(self) -> dict[str, Any]:
        """Where the database is, as its superuser."""
        parts = urlsplit(self.account["database_url"])
        return {
            "host": parts.hostname, "port": parts.port, "database": parts.path.strip("/"), "user": "postgres",
            "password": self.kept["database"]["postgres"],
        }  # fmt: skip


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
        told += await _cameras(demo, http, mine)
    return [one for one in told if one]


async def _cameras(demo: Demo, http: aiohttp.ClientSession, mine: dict[str, str]) -> list[bytes]:
    """Cameras are probed and registered with passwords, well and badly; what was answered."""
    street = urlsplit(demo.account["cameras"][0]["rtsp"])
    code, place = demo.account["cameras"][0]["code"], f"{street.hostname}:{street.port}{street.path}"
    probe, path = "/api/v1/cameras/probe", f"/api/v1/cameras/{code}/address"
    asked: list[tuple[str, str, Any]] = [
        ("POST", probe, {"address": demo.account["cameras"][0]["rtsp"], "port": 9}),
        ("POST", probe, {"address": f"rtsp://{place}", "user": code, "password": SENT["probe"], "port": 9}),
        ("POST", probe, {"address": f"rtsp://u:{SENT['inline']}@10.99.0.1/x"}),
        ("POST", probe, {"address": f"rtsp://u:{SENT['inline']}"}),
        ("POST", probe, {"address": "10.99.0.1", "password": [SENT["probe"]]}),
        ("PUT", path, {"url": f"rtsp://{place}", "user": code, "password": SENT["camera"]}),
        ("PUT", path, {"url": f"rtsp://u:{SENT['inline']}@10.99.0.1/x"}),
        ("PUT", path, {"url": f"file:///{SENT['camera']}"}),
        ("PUT", path, {"url": f"rtsp://{code}:{SENT['renewed']}@{place}?password={SENT['camera']}"}),
        ("POST", probe, {"address": f"rtsp://{place}", "user": code, "password": SENT["probe"], "x": 1}),
    ]
    told = []
    for number, (method, where, body) in enumerate(asked):
        headers = mine | {"Idempotency-Key": f"plain-{number}"}
        async with http.request(method, where, json=body, headers=headers) as answer:
            told.append(repr(answer.headers).encode() + await answer.read())
            assert answer.status < 500
    assert b'"picture":"/9j/' in told[0], "the demo's camera was seen"
    for wanted in ("csv", "json"):
        for name in ("cameras", "devices"):
            async with http.get(f"/ogc/collections/{name}/items?f={wanted}&limit=10000", headers=mine) as answer:
                told.append(await answer.read())
    return told


async def _refused_street(demo: Demo) -> None:
    """Wait until the camera was tried with its new, wrong password, so that what is said of that was said."""
    connection = await demo.superuser()
    code = demo.account["cameras"][0]["code"]
    try:
        async with asyncio.timeout(60):
            while await connection.fetchval("select state from cameras where code = $1", code) != "unauthorised":
                await asyncio.sleep(0.2)
    finally:
        await connection.close()


async def _dumped(demo: Demo) -> AsyncIterator[tuple[str, bytes]]:
    """The database as text, and the files of its tables and of its log."""
    where = demo.postgres
    connection = await demo.superuser()
    try:
        await connection.execute("checkpoint")
        data = Path(await connection.fetchval("show data_directory"))
    finally:
        await connection.close()
    dump = await asyncio.create_subprocess_exec(
        str(postgresql(data) / "pg_dump"), "-h", where["host"], "-p", str(where["port"]), "-U", "postgres",
        where["database"], env={"PGPASSWORD": where["password"], "PATH": "/usr/bin:/bin"},
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    text, _ = await dump.communicate()
    assert dump.returncode == 0
    yield "dump", text
    for folder in ("base", "pg_wal"):
        for path in sorted((data / folder).rglob("*")):
            if path.is_file():
                yield f"{folder}/{path.name}", path.read_bytes()


def _files(demo: Demo) -> Iterator[tuple[str, bytes]]:
    """Every file of the state dir but those that hold secrets, which nobody else may read."""
    for path in demo.state.rglob("*"):
        if not path.is_file() or "postgres" in path.relative_to(demo.state).parts:
            continue
        if path.name.startswith(HOLDERS):
            assert path.stat().st_mode & 0o077 == 0, path
        else:
            yield f"file {path.name}", path.read_bytes()


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


def forgiven(place: str, name: str) -> bool:
    """Who sent a name is told it again; an idempotency key is kept as it is, because it is a name and no secret."""
    in_database = place.startswith(("dump", "base/", "pg_wal/"))
    return (place == "answer" and name in ECHOED) or (in_database and name == "sent key")


async def _watched(seen: list[tuple[str, bytes]]) -> None:
    """Look at all command lines again and again: those of a process that looks at a camera live for a second."""
    while True:
        seen += _command_lines()
        await asyncio.sleep(0.1)


async def test_no_secret_is_found_anywhere(demo: Demo, capsys: pytest.CaptureFixture[str]) -> None:
    lines: list[tuple[str, bytes]] = []
    async with asyncio.TaskGroup() as tasks:
        watching = tasks.create_task(_watched(lines), name="watch")
        answers = await _answers(demo)
        await _refused_street(demo)
        watching.cancel()
    assert any(b"cameras.looking" in line for _, line in lines), "a process that looks was seen"
    secrets = demo.secrets
    places = [*(("answer", one) for one in answers), *_logs(demo), *_files(demo), *set(lines)]
    places += [one async for one in _dumped(demo)]
    hits = [
        (place, name)
        for place, text in places
        for name, secret in secrets.items()
        if secret.encode() in text and not forgiven(place, name)
    ]
    with capsys.disabled():
        sys.stdout.write(f"\nsecrets found {len(hits)}: {len(secrets)} secrets, {len(places)} places\n")
    assert not hits
    assert len(secrets) > 40
    assert len(answers) > 100
    tried = await _default_passwords(demo)
    with capsys.disabled():
        sys.stdout.write(f"opened by default passwords 0 of {tried}\n")


DEFAULTS = (
    "",
    "admin",
    "password",
    "12345",
    "123456",
    "changeme",
    "postgres",
    "ioc",
    "operator",
    "root",
    "guest",
    "test",
)


async def _default_passwords(demo: Demo) -> int:
    """How many tries at signing in, at the database, the broker and the cameras there were; none of them got in."""
    tried = 0
    for address in ({"url": demo.url, "name": name} for name in ("admin", "operator", "district", "registrar", "root")):
        async with aiohttp.ClientSession(base_url=address["url"]) as http:
            for word in (*DEFAULTS, address["name"]):
                body = {"user": address["name"], "password": word}
                async with http.post("/api/v1/session", json=body) as answer:
                    assert answer.status in (400, 401, 429), body
                tried += 1
    for user in ("postgres", "ioc_owner", "ioc_app", "ioc_outside"):
        for word in (*DEFAULTS, user):
            with pytest.raises((asyncpg.PostgresError, OSError)):
                await asyncpg.connect(**demo.postgres | {"user": user, "password": word}, timeout=5)
            tried += 1
    street = demo.account["cameras"][0]["rtsp"]
    for user in ("admin", "root", urlsplit(street).username):
        for word in DEFAULTS[:6]:
            bare = Address(
                urlsplit(street)._replace(netloc=f"{user}:{word}@{street.rpartition('@')[2]}", path="").geturl()
            )
            with pytest.raises(StreamError):
                await asyncio.to_thread(knocked(bare, 5.0).__enter__)
            tried += 1
    return tried + await _broker_is_shut(demo)


async def _broker_is_shut(demo: Demo) -> int:
    """Without an account, and with those that brokers and devices ship with."""
    where, tried = demo.account["mqtt"], 0
    for user in ("", "admin", "mosquitto", "ioc-intake", demo.account["devices"][0]["code"]):
        for word in ("", "admin", "mosquitto", user):
            reader, writer = await asyncio.open_connection(where["host"], where["port"])
            writer.write(_connect(user, word))
            answer = await reader.read(4)
            writer.close()
            assert len(answer) < 4 or answer[3] != 0, (user, word)
            tried += 1
    return tried


def _connect(user: str, password: str) -> bytes:
    """MQTT 3.1.1, 3.1: a client that signs in, or does not when there is no user."""
    texts = [b"default", user.encode(), password.encode()] if user else [b"default"]
    payload = b"".join(len(text).to_bytes(2, "big") + text for text in texts)
    body = b"\x00\x04MQTT\x04" + bytes([0xC2 if user else 0x02]) + b"\x00\x05" + payload
    return b"\x10" + bytes([len(body)]) + body
