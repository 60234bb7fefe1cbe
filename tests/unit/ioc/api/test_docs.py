"""The page of the document: both languages, no script, nothing unescaped."""

import re
from typing import Any

import pytest
from aiohttp import web

from ioc.api import docs, listing, openapi
from ioc.api.surface import SURFACE, Operation, describe


def document() -> dict[str, Any]:
    app = web.Application()
    listing.routes(app)
    describe(app, Operation(method="GET", path="/x", vi="<script>", en="<img src=x>", answers={200: None}))
    return openapi.document(app[SURFACE])


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_operation_and_schema_is_on_the_page(language: str) -> None:
    told = document()
    text = docs.page(told, language)
    assert f'<html lang="{language}">' in text
    for methods in told["paths"].values():
        for one in methods.values():
            assert f'id="{one["operationId"]}"' in text
    for name in told["components"]["schemas"]:
        assert f'id="{name}"' in text
    assert "<script" not in text
    assert "<img" not in text
    assert "style=" not in text
    assert not re.findall(r"(?:href|src|action|url)[=(]\W{0,2}(?:\w+:)?//", text), "nothing is asked of another machine"
