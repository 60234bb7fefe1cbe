"""The list of operations."""

import pytest
from aiohttp import web

from ioc.api.surface import SURFACE, Operation, describe


def operation(method: str = "GET", **more: object) -> Operation:
    return Operation(method=method, path="/a/{id}/{name:.+}", vi="a", en="a", **more)  # type: ignore[arg-type]


def test_a_route_is_described_once() -> None:
    app = web.Application()
    describe(app, operation(), operation("POST"))
    assert len(list(app[SURFACE])) == 2
    with pytest.raises(ValueError, match="twice"):
        describe(app, operation())


def test_names_in_the_path_are_known() -> None:
    assert operation().names == ["id", "name"]


def test_changes_are_paid_from_the_budget_of_writes() -> None:
    assert operation(cost="tile").budget == "tile"
    assert operation("DELETE", cost="cheap").budget == "write"
