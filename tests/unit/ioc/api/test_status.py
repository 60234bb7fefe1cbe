"""Alive, and ready or not."""

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import orjson
import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from ioc.api import status
from ioc.api.parts import PARTS


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
