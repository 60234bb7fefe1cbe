"""The routes of layouts are described; they are tried over a real server (tests/integration/test_layouts.py)."""

from aiohttp import web

from ioc.api import layouts
from ioc.api.models_layouts import LARGEST
from ioc.api.surface import SURFACE


def test_both_routes_are_described_and_a_body_is_at_most_16_kb() -> None:
    app = web.Application()
    layouts.routes(app)
    found = {operation.method: operation for operation in app[SURFACE]}
    assert set(found) == {"GET", "PUT"}
    assert found["PUT"].largest == LARGEST == 16_384
