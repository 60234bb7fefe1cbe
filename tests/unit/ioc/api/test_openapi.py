"""The description of the surface."""

import asyncio
from typing import Any, cast

import pytest
from aiohttp import web

from gis.layers import LAYERS
from ioc.api import openapi, schemas, server, wall
from ioc.api.parts import Parts
from ioc.api.problems import TABLE
from ioc.api.surface import SURFACE


@pytest.fixture(scope="module")
def app() -> web.Application:
    async def built() -> web.Application:
        return server.build(cast(Parts, cast(Any, _Nothing())))

    return asyncio.run(built())


class _Nothing:
    """Parts that nobody asks for anything."""

    def __getattr__(self, name: str) -> object:
        return self


def routes(app: web.Application) -> set[tuple[str, str]]:
    """Method and pattern of every route but the pages, which are files."""
    return {
        (route.method, route.resource.canonical)
        for route in app.router.routes()
        if route.resource is not None and route.method != "HEAD" and route.handler.__module__ != wall.__name__
    }


def test_every_route_is_described_and_every_description_is_a_route(app: web.Application) -> None:
    told = {(one.method, one.path) for one in app[SURFACE]}
    assert not routes(app) - told, "describe these routes beside app.router.add_…, see ioc/api/surface.py"
    assert not told - routes(app), "these are described, but nothing answers there"


def test_operations_have_ids_of_their_own(app: web.Application) -> None:
    paths = openapi.document(app[SURFACE])["paths"]
    ids = [one["operationId"] for path in paths.values() for one in path.values()]
    assert len(ids) == len(set(ids)) == len(list(app[SURFACE]))


def test_every_operation_says_what_it_takes_and_how_it_answers(app: web.Application) -> None:
    document = openapi.document(app[SURFACE])
    for path in document["paths"].values():
        for method, one in path.items():
            assert one["summary"]
            assert one["x-summary-vi"]
            assert any(int(status) < 300 for status in one["responses"])
            assert ("requestBody" in one) <= (method != "get")
            assert {"400", "429", "431", "500", "503"} <= one["responses"].keys()
            if one.get("security") != []:
                assert {"401", "403"} <= one["responses"].keys()
    assert {"SignIn", "Incident", "Problem"} <= document["components"]["schemas"].keys()


def test_operations_name_known_problems_and_parameters(app: web.Application) -> None:
    for one in app[SURFACE]:
        assert openapi.codes(one) <= TABLE.keys()
        assert set(one.needs) <= one.query.keys()


@pytest.mark.parametrize(
    ("method", "path"),
    [("post", "matches/link"), ("get", "ticket-policy"), ("post", "ticket-policy/dry-run")],
)
def test_what_is_named_beside_the_path_may_not_be_there_either(app: web.Application, method: str, path: str) -> None:
    assert "404" in openapi.document(app[SURFACE])["paths"][f"/api/v1/{path}"][method]["responses"]


def test_queryables_are_the_fields_that_may_be_filtered() -> None:
    for layer in LAYERS.values():
        found = schemas.queryables(layer, "http://x/ogc", "en")
        names = {field.name for field in layer.fields if field.kind != "object"}
        assert set(found["properties"]) == names | {"geometry"}
