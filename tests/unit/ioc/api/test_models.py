"""The shapes of requests are closed."""

import inspect

import msgspec
import pytest
from aiohttp import web

from ioc.api import listing, models
from ioc.api.surface import SURFACE


def test_every_body_refuses_members_that_it_does_not_know() -> None:
    app = web.Application()
    listing.routes(app)
    bodies = [one.body for one in app[SURFACE] if one.body is not None]
    assert bodies
    for model in bodies:
        assert model.__struct_config__.forbid_unknown_fields, model


def test_every_model_has_a_schema() -> None:
    shapes = [one for _, one in inspect.getmembers(models, inspect.isclass) if issubclass(one, msgspec.Struct)]
    _, components = msgspec.json.schema_components(shapes)
    assert len(components) == len(shapes)


@pytest.mark.parametrize("version", [-1, 1 << 31, True, "1", None, 1.5])
def test_a_version_is_a_small_whole_number(version: object) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(msgspec.json.encode({"expected_version": version}), type=models.Step)
