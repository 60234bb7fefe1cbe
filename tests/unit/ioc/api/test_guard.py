"""What strangers may ask for, and where changes may come from."""

import datetime as dt
from pathlib import Path
from typing import Any, cast

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from ioc.access.policy import Person
from ioc.api import server
from ioc.api.guard import AWAY_EVERY_S, SECURITY, AwayLog, is_public
from ioc.api.limits import Budget, Limits
from ioc.api.parts import REFUSED, Parts, Settings
from ioc.store.database import Database


@pytest.mark.parametrize(
    ("method", "path", "public"),
    [
        ("GET", "/healthz", True),
        ("GET", "/signin", True),
        ("GET", "/assets/a.js", True),
        ("POST", "/api/v1/session", True),
        ("GET", "/api/v1/session", False),
        ("GET", "/assets", False),
        ("GET", "/healthz/", False),
        ("GET", "/", False),
        ("GET", "/ogc", False),
        ("GET", "/readyz", False),
    ],
)
def test_only_health_and_the_door_are_public(method: str, path: str, public: bool) -> None:
    assert is_public(method, make_mocked_request(method, path).path) is public


def test_pages_may_run_our_own_scripts_only() -> None:
    policy = SECURITY["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy


def test_an_outage_is_told_once_a_minute_with_the_number_of_refused_requests(caplog: pytest.LogCaptureFixture) -> None:
    log = AwayLog()
    for at in (5.0, 6.0, 7.0, 5.0 + AWAY_EVERY_S):
        log.note("GET /ogc", TimeoutError("secret"), at)
    assert [record.getMessage() for record in caplog.records] == [
        "PostgreSQL is away (TimeoutError): 1 requests got 503, the last was GET /ogc",
        "PostgreSQL is away (TimeoutError): 3 requests got 503, the last was GET /ogc",
    ]
    assert all(record.exc_info is None for record in caplog.records)


def parts(database: Database, **more: Any) -> Parts:
    """An application over a database that nobody looks into."""

    def now() -> dt.datetime:
        return dt.datetime(2026, 1, 1, tzinfo=dt.UTC)

    nothing = cast(Any, None)
    return Parts(
        database=database, board=nothing, replayer=nothing, now=now, pictures=nothing, media=Path(), wall=Path(),
        basemap=nothing, ready=nothing, **({"settings": Settings(centre="quang-nam")} | more),
    )  # fmt: skip


async def ask(made: Parts, times: int = 1, **headers: str) -> list[tuple[int, dict[str, str]]]:
    app = server.build(made)
    async with server.running(app, "127.0.0.1", 0) as port, aiohttp.ClientSession() as http:
        found = []
        for _ in range(times):
            async with http.get(f"http://127.0.0.1:{port}/metrics", headers=headers) as answer:
                found.append((answer.status, {name.lower(): value for name, value in answer.headers.items()}))
        return found


async def test_refusals_are_told_with_their_reason_and_a_broken_listener_changes_nothing(database: Database) -> None:
    told: list[tuple[int, str, Person | None]] = []

    async def listen(request: web.Request, status: int, person: Person | None) -> None:
        told.append((status, request[REFUSED], person))
        raise RuntimeError("the listener broke")

    made = parts(database, on_refusal=listen, limits=Limits(address=Budget(2, 0.01)))
    found = await ask(made, 3, Authorization="Bearer nobody")
    assert [status for status, _ in found] == [401, 401, 429]
    assert int(found[2][1]["retry-after"]) > 1
    assert told == [(401, "sign-in-needed", None)] * 2 + [(429, "too-many-requests", None)]


@pytest.mark.parametrize(
    ("settings", "told"),
    [({}, False), ({"secure_cookies": True}, True), ({"public_url": "https://ioc.example"}, True)],
)
async def test_only_behind_tls_browsers_are_told_to_stay_there(
    database: Database, settings: dict[str, Any], told: bool
) -> None:
    ((status, headers),) = await ask(parts(database, settings=Settings(centre="quang-nam", **settings)))
    assert status == 401
    assert ("strict-transport-security" in headers) is told
    assert headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in headers["content-security-policy"]
    assert "server" not in headers
