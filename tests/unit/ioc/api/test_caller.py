"""What a session keeps open ends with it."""

import asyncio
import base64
import datetime as dt
from typing import Any, cast

import pytest
from aiohttp.test_utils import make_mocked_request

from ioc.access.policy import Person
from ioc.access.scope import EVERYTHING
from ioc.access.tokens import digest
from ioc.api.caller import COOKIE, Caller, Callers, shown

START = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
PERSON = Person(login="a", name="A", role="admin", centre=None, language="vi")


def callers() -> Callers:
    return Callers(cast(Any, None), lambda: START)


def caller(expires_at: dt.datetime | None = None) -> Caller:
    return Caller(person=PERSON, scope=EVERYTHING, digest=b"d", by_cookie=True, expires_at=expires_at)


async def test_a_body_is_cancelled_when_its_session_expires() -> None:
    async with asyncio.timeout(5), callers().while_signed_in(caller(START + dt.timedelta(milliseconds=20))):
        await asyncio.Event().wait()


async def test_a_body_is_cancelled_when_its_session_is_closed() -> None:
    known, inside = callers(), asyncio.Event()

    async def stay() -> str:
        async with known.while_signed_in(caller()):
            inside.set()
            await asyncio.Event().wait()
        return "ended quietly"

    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        task = tasks.create_task(stay(), name="stay")
        await inside.wait()
        known.ended(b"other")
        known.ended(b"d")
        known.ended(b"d")
    assert task.result() == "ended quietly"
    assert not known._open
    assert not known._people


async def test_other_timeouts_stay_errors() -> None:
    known = callers()
    with pytest.raises(TimeoutError):
        async with known.while_signed_in(caller()):
            raise TimeoutError
    assert not known._open


async def test_who_was_known_is_remembered_until_the_session_expires_or_ends() -> None:
    known = callers()
    asks = make_mocked_request("GET", "/readyz", headers={"Cookie": f"{COOKIE}=secret"})
    assert known.remembered(asks) is None
    mark = digest("secret")
    known._known[mark] = (0.0, caller(START + dt.timedelta(seconds=1)))
    assert known.remembered(asks) is known._known[mark][1]
    as_token = make_mocked_request("GET", "/readyz", headers={"Authorization": "Bearer secret"})
    assert known.remembered(as_token) is None
    known._known[mark] = (0.0, caller(START))
    assert known.remembered(asks) is None
    known._known[mark] = (0.0, caller())
    known.ended(mark)
    assert known.remembered(asks) is None


def basic(words: str) -> dict[str, str]:
    return {"Authorization": f"Basic {base64.b64encode(words.encode()).decode()}"}


@pytest.mark.parametrize(
    ("method", "path", "headers", "token"),
    [
        ("POST", "/api/v1/reports", {"Authorization": "bearer  secret "}, "secret"),
        ("GET", "/ogc", basic("qgis:secret"), "secret"),
        ("GET", "/ogc/collections?f=json", basic("tên:sec:ret"), "sec:ret"),
        ("HEAD", "/ogc/collections", basic(":secret"), "secret"),
        ("POST", "/ogc/collections", basic("qgis:secret"), None),
        ("GET", "/ogcx", basic("qgis:secret"), None),
        ("GET", "/api/v1/incidents", basic("qgis:secret"), None),
        ("GET", "/ogc", basic("qgis:secret") | {"Cookie": f"{COOKIE}=mine"}, None),
        ("GET", "/ogc", basic("qgis:"), None),
        ("GET", "/ogc", basic("secret"), None),
        ("GET", "/ogc", {"Authorization": "Basic %%%"}, None),
        ("GET", "/ogc", {"Authorization": "Basic /w=="}, None),
        ("GET", "/ogc", {"Authorization": "Digest secret"}, None),
        ("GET", "/ogc", {}, None),
    ],
)
def test_a_token_is_shown_as_a_bearer_or_to_the_map_as_a_password(
    method: str, path: str, headers: dict[str, str], token: str | None
) -> None:
    assert shown(make_mocked_request(method, path, headers=headers)) == token
