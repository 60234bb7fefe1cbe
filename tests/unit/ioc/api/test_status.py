"""Alive, and ready or not."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import orjson
import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from ioc.api import status
from ioc.api.caller import CALLER
from ioc.api.parts import PARTS
from ioc.api.tally import TALLY, Tally


async def test_a_process_that_answers_is_alive() -> None:
    answer = await status.alive(make_mocked_request("GET", "/healthz"))
    assert (answer.status, answer.headers["Cache-Control"]) == (200, "no-store")


@pytest.mark.parametrize(("works", "code"), [(True, 200), (False, 503)])
async def test_one_part_that_does_not_work_makes_503_and_each_is_told(works: bool, code: int) -> None:
    async def ready() -> tuple[bool, Mapping[str, Any]]:
        return works, {"intake": {"ready": works}}

    app = web.Application()
    app[PARTS] = SimpleNamespace(ready=ready)  # type: ignore[assignment]
    answer = await status.ready(make_mocked_request("GET", "/readyz", app=app))
    assert answer.status == code
    assert isinstance(answer.body, bytes)
    assert orjson.loads(answer.body) == {"ready": works, "parts": {"intake": {"ready": works}}}


async def test_the_figures_of_all_parts_are_told_and_missing_ones_are_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    async def nothing(request: web.Request) -> dict[str, float]:
        return {}

    for room in (status.gaps, status.letters, status.holds, status.matches, status.silences):
        monkeypatch.setattr(room, "figures", nothing)

    async def ready() -> tuple[bool, Mapping[str, Any]]:
        return True, {"intake": {"ready": True, "dropped": 7, "seen_at": "2026-11-22T01:00:00Z"}}

    async def away() -> tuple[bool, Mapping[str, Any]]:
        raise OSError("the database is away")

    for asked, told in ((ready, True), (away, False)):
        app = web.Application()
        app[PARTS] = SimpleNamespace(ready=asked, counters=dict)  # type: ignore[assignment]
        app[TALLY] = Tally()
        text = (await status.metrics(make_mocked_request("GET", "/metrics", app=app))).text or ""
        assert ('ioc_part{part="intake",figure="dropped"} 7\n' in text) is told
        assert ('ioc_part{part="intake",figure="ready"} 1\n' in text) is told
        assert "seen_at" not in text
        assert "ioc_http_requests_total" in text


class Seeing:
    """A database that shows one camera."""

    @asynccontextmanager
    async def transaction(self, scope: object, *, read_only: bool) -> AsyncIterator[object]:
        yield scope


async def test_each_camera_is_told_of_to_those_who_may_see_it(monkeypatch: pytest.MonkeyPatch) -> None:
    async def seen(transaction: object) -> dict[str, object]:
        return {"cam-a": None, "cam-silent": None} if transaction == "mine" else {}

    async def ready() -> tuple[bool, Mapping[str, Any]]:
        return True, {"cameras": {"ready": True, "cameras": {"cam-a": {"skipped": 3}, "cam-b": {"skipped": 4}}}}

    monkeypatch.setattr(status.registry, "load_cameras", seen)
    app = web.Application()
    app[PARTS] = SimpleNamespace(ready=ready, database=Seeing())  # type: ignore[assignment]
    request = make_mocked_request("GET", "/metrics", app=app)
    for scope, told in (("mine", True), ("other", False)):
        request[CALLER] = SimpleNamespace(scope=scope)  # type: ignore[assignment]
        lines = await status._told(request)
        assert ('ioc_camera{camera="cam-a",figure="skipped"} 3' in lines) is told
        assert "cam-b" not in "".join(lines)
    answer = await status.ready(make_mocked_request("GET", "/readyz", app=app))
    assert isinstance(answer.body, bytes)
    assert b"cam-a" not in answer.body


def test_each_feed_has_its_own_figures() -> None:
    assert status._of_feeds({}) == []
    assert status._of_feeds({"kttv": {"kept": 2, "failures": 0}, "dike": {"kept": 1}})[1:] == [
        'ioc_feed{feed="dike",figure="kept"} 1',
        'ioc_feed{feed="kttv",figure="failures"} 0',
        'ioc_feed{feed="kttv",figure="kept"} 2',
    ]
