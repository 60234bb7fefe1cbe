"""The description of the surface."""

from aiohttp import web

from gis.layers import LAYERS
from ioc.api import areas, described, incidents, media, ogc, openapi, session, status, tiles
from ioc.api.live import live


def test_every_route_is_described_and_every_description_is_a_route() -> None:
    app = web.Application()
    for room in (session, ogc, tiles, areas, incidents, media, status):
        room.routes(app)
    app.router.add_get("/api/v1/live", live)
    there = {
        (route.method.lower(), route.resource.canonical)
        for route in app.router.routes()
        if route.resource is not None and route.method != "HEAD"
    }
    told = {(method, path) for method, path, _, _ in openapi.ROUTES}
    assert {pair for pair in there if not pair[1].startswith("/ogc")} == told
    for path in openapi.document()["paths"]:
        assert path.startswith("/")


def test_operations_have_ids_of_their_own() -> None:
    operations = [
        one["operationId"] for path in openapi.document()["paths"].values() for one in path.values()
    ]
    assert len(operations) == len(set(operations))


def test_queryables_are_the_fields_that_may_be_filtered() -> None:
    for layer in LAYERS.values():
        found = described.queryables(layer, "http://x/ogc")
        names = {field.name for field in layer.fields if field.filter}
        assert set(found["properties"]) == names | {"geometry"}
