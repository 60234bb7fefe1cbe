"""The whole surface as OpenAPI 3.1, made from the models that requests are checked with."""

import re
from collections.abc import Iterable
from http import HTTPStatus
from typing import Annotated, Any, Literal

import msgspec

from gis.layers import LAYERS
from ioc.api import described
from ioc.api.models import Code, Problem
from ioc.api.problems import TABLE
from ioc.api.surface import Answer, Operation

PROBLEM = "application/problem+json"
_REF = "#/components/schemas/{name}"
_ID = Annotated[str, msgspec.Meta(description="UUID")]
_AXIS = Annotated[int, msgspec.Meta(ge=0)]
_IN_PATH: dict[str, Any] = {"code": Code, "id": _ID, "z": _AXIS, "row": _AXIS, "col": _AXIS}
"""Types of names in paths; what is not here is a text."""

_ALWAYS = ("bad-request", "headers-too-large", "too-many-requests", "internal", "away")
_SIGNED_IN = ("sign-in-needed", "not-allowed")
_BODY = ("bad-json", "too-large", "unsupported-media")
_CHANGE = ("foreign-origin", "in-progress", "other-request", "too-large")


def codes(operation: Operation) -> set[str]:
    """The problems that an operation may answer with."""
    found = {*_ALWAYS, *operation.problems}
    found |= set() if operation.public else set(_SIGNED_IN)
    found |= set(_BODY) if operation.body is not None else set()
    found |= set(_CHANGE) if operation.method != "GET" else set()
    return found | ({"not-found"} if operation.names else set())


def _type_in_path(name: str) -> Any:
    return Literal[tuple(LAYERS)] if name == "collection" else _IN_PATH.get(name, str)


def _types(operations: Iterable[Operation]) -> list[Any]:
    found: list[Any] = [Problem]
    for one in operations:
        found += one.query.values()
        found += [_type_in_path(name) for name in one.names]
        found += [] if one.body is None else [one.body]
        for answer in map(_answer, one.answers.values()):
            found += [model for model in (answer.model, answer.either) if model is not None]
    return found


def _answer(answer: Any) -> Answer:
    return answer if isinstance(answer, Answer) else Answer(model=answer)


class _Schemas:
    """The JSON Schemas of types; those of Structs are references into the components."""

    def __init__(self, types: list[Any]) -> None:
        self._types = types
        made, self.components = msgspec.json.schema_components(types, ref_template=_REF)
        self._made = list(made)

    def of(self, wanted: Any) -> dict[str, Any]:
        """The schema of one of the types."""
        return dict(self._made[self._types.index(wanted)])


def _parameters(operation: Operation, schemas: _Schemas) -> list[dict[str, Any]]:
    def one(name: str, kind: Any, where: str, needed: bool) -> dict[str, Any]:
        return {"name": name, "in": where, "required": needed, "schema": schemas.of(kind)}

    found = [one(name, _type_in_path(name), "path", True) for name in operation.names]
    found += [one(name, kind, "query", name in operation.needs) for name, kind in operation.query.items()]
    if operation.method != "GET" and not operation.public:
        text = {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"}
        found.append({"name": "Idempotency-Key", "in": "header", "required": False, "schema": text})
    return found


def _responses(operation: Operation, schemas: _Schemas) -> dict[str, Any]:
    found: dict[str, Any] = {}
    said: dict[int, list[str]] = {}
    for code in sorted(codes(operation)):
        said.setdefault(TABLE[code][0], []).append(code)
    for status, names in said.items():
        description = "; ".join(f"{name}: {TABLE[name][2]}" for name in names)
        found[str(status)] = {"description": description, "content": {PROBLEM: {"schema": schemas.of(Problem)}}}
    for status, answer in operation.answers.items():
        kept = found.setdefault(str(status), {"description": HTTPStatus(status).phrase})
        one = _answer(answer)
        if answer is not None:
            schema = {} if one.model is None else {"schema": schemas.of(one.model)}
            if one.either is not None:
                schema = {"schema": {"anyOf": [schemas.of(one.model), schemas.of(one.either)]}}
            kept.setdefault("content", {})[one.media] = schema
            kept["content"] |= {media: {"schema": {"type": "string"}} for media in one.others}
    return dict(sorted(found.items()))


def _operation(operation: Operation, schemas: _Schemas) -> dict[str, Any]:
    found: dict[str, Any] = {
        "operationId": (operation.method.lower() + re.sub(r"\W+", "_", operation.path)).rstrip("_")
        + ("_slash" if operation.path.endswith("/") else ""),
        "summary": operation.en,
        "x-summary-vi": operation.vi,
        "parameters": _parameters(operation, schemas),
        "responses": _responses(operation, schemas),
    }
    if operation.public:
        found["security"] = []
    if operation.may is not None:
        found["x-may"] = {"act": operation.may.act, "kind": operation.may.kind}
    if operation.body is not None:
        content: dict[str, Any] = {"application/json": {"schema": schemas.of(operation.body)}}
        content |= {media: {"schema": {"type": "string"}} for media in operation.raw}
        found["requestBody"] = {"required": True, "content": content}
    elif operation.raw:
        found["requestBody"] = {"content": {media: {"schema": {"type": "string"}} for media in operation.raw}}
    return found


def document(operations: Iterable[Operation]) -> dict[str, Any]:
    """The OpenAPI document of some operations."""
    listed = sorted(operations, key=lambda one: (one.path, one.method))
    schemas = _Schemas(_types(listed))
    paths: dict[str, Any] = {}
    for operation in listed:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Quảng Nam IOC",
            "version": "1",
            "description": "Times are RFC 3339 in UTC; positions are WGS 84 lon, lat; problems are RFC 9457.",
        },
        "security": [{"bearer": []}, {"session": []}],
        "paths": paths,
        "components": {"schemas": schemas.components, "securitySchemes": described.SECURITY},
    }
