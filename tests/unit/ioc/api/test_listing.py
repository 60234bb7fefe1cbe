"""The descriptions of the first routes."""

from aiohttp import web

from gis.layers import LAYERS
from ioc.api import listing
from ioc.api.surface import SURFACE


def test_items_may_be_filtered_by_what_some_layer_allows() -> None:
    app = web.Application()
    listing.routes(app)
    (items,) = [one for one in app[SURFACE] if one.path.endswith("/items")]
    filters = {field.name for layer in LAYERS.values() for field in layer.fields if field.filter}
    assert filters <= items.query.keys()


def test_what_shows_things_of_a_centre_says_by_which_right() -> None:
    app = web.Application()
    listing.routes(app)
    things = ("{fid}", "{id}", "{code}", "{col}", "/live")
    assert [one.path for one in app[SURFACE] if one.may is None and one.path.endswith(things)] == []
