"""What the server's first routes are: the map's data, the stream, incidents, pictures, sign-in, state."""

from typing import Annotated, Any, Literal

import msgspec
from aiohttp import web

from gis import cql2
from gis.crs import KNOWN
from gis.layers import LAYERS, SEVERITIES
from ioc.api import models, models_people
from ioc.api.described import MVT
from ioc.api.surface import Answer, May, Operation, describe

_Whole = Annotated[int, msgspec.Meta(ge=1)]
_Flag = Literal["0", "1", "true", "false"]
_Json = Literal["json", "geojson"]
_Forms = Literal["json", "geojson", "csv"]
_System: Any = Literal[tuple(KNOWN)]
_By = Literal["reading", "hour", "day"]
_TYPES: dict[str, Any] = {"integer": int, "number": float, "boolean": bool}
_GEO = "application/geo+json"
_SCHEMA = Answer("application/schema+json", models.Document)
_PICTURE = Answer("image/jpeg")
_EVIDENCE = Answer("image/jpeg, video/mp4")


def _filters() -> dict[str, Any]:
    """Every property by which some collection may be filtered; a collection refuses those of others."""
    found: dict[str, Any] = {}
    for layer in LAYERS.values():
        for field in layer.fields:
            if field.scalar:
                found[field.name] = _TYPES.get(field.kind, str)
    return found | {"severity": Literal[SEVERITIES]}


def _ogc() -> tuple[Operation, ...]:
    see, form = May("see", "layer"), {"f": _Json}
    base = "/ogc/collections/{collection}"
    items = {
        "limit": _Whole, "bbox": str, "bbox-crs": _System, "crs": _System, "datetime": str, "filter": str,
        "filter-lang": Literal[cql2.LANGUAGES], "filter-crs": _System, "sortby": str,
        "after": str, "f": _Forms, "download": _Flag, **_filters(),
    }  # fmt: skip

    def get(path: str, vi: str, en: str, answer: Any, **more: Any) -> Operation:
        more["problems"] = ("not-acceptable", *more.get("problems", ()))
        return Operation(method="GET", path=path, vi=vi, en=en, answers={200: answer}, **more)

    return (
        *(get(path, "Trang đầu OGC API", "OGC API landing page", models.Landing, query=form, cost="cheap")
          for path in ("/ogc", "/ogc/")),
        get("/ogc/api", "Mô tả OpenAPI 3.0 của phần OGC", "OpenAPI 3.0 of the OGC part",
            Answer("application/vnd.oai.openapi+json", models.Document), query=form, cost="cheap"),
        get("/ogc/conformance", "Các lớp tuân thủ", "Conformance classes", models.Conformance,
            query=form, cost="cheap"),
        get("/ogc/collections", "Các bộ sưu tập", "Collections", models.Collections, query=form),
        get(base, "Một bộ sưu tập", "A collection", models.Collection, query=form),
        get(f"{base}/queryables", "Thuộc tính lọc được", "Queryables", _SCHEMA, query=form, cost="cheap"),
        get(f"{base}/schema", "Lược đồ thuộc tính", "Schema of the properties", _SCHEMA, query=form, cost="cheap"),
        get(f"{base}/sortables", "Thuộc tính sắp xếp được", "Sortables", _SCHEMA, query=form, cost="cheap"),
        get(f"{base}/items", "Các đối tượng", "Features", Answer(_GEO, models.FeatureCollection, ("text/csv",)),
            query=items, may=see),
        get(f"{base}/items/{{fid}}", "Một đối tượng", "A feature", Answer(_GEO, models.Feature),
            query={**form, "crs": _System}, may=see),
        get(f"{base}/tiles", "Các bộ ô bản đồ", "Tile sets", models.Document, cost="cheap"),
        get(f"{base}/tiles/WebMercatorQuad", "Bộ ô bản đồ", "Tile set", models.Document),
        Operation(
            method="GET", path=f"{base}/tiles/WebMercatorQuad/{{z}}/{{row}}/{{col}}", vi="Ô bản đồ vectơ",
            en="Vector tile", query={"datetime": str}, answers={200: Answer(MVT), 304: None}, cost="tile", may=see,
        ),
    )  # fmt: skip


def _wall() -> tuple[Operation, ...]:
    return (
        Operation(
            method="GET", path="/api/v1/live", vi="Dòng sự kiện trực tiếp", en="Server-sent events",
            query={"snapshot": _Flag, "last_event_id": str}, answers={200: Answer("text/event-stream")},
            may=May("see", "change"), endless=True,
        ),
        Operation(
            method="GET", path="/api/v1/devices/{code}/readings", vi="Số đo của thiết bị",
            en="Readings of a device's property", needs=("property",),
            query={"property": str, "hours": _Whole, "by": _By}, answers={200: models.Readings},
            may=May("see", "reading"),
        ),
        Operation(
            method="GET", path="/api/v1/media/{id}", vi="Ảnh hoặc đoạn phim bằng chứng",
            en="A picture or a clip of evidence", may=May("see", "media"), problems=("media-changed",),
            answers={200: _EVIDENCE, 206: _EVIDENCE, 304: None, 412: None, 416: None},
        ),
        Operation(
            method="GET", path="/api/v1/cameras/{code}/picture", vi="Hình mới nhất của camera",
            en="The newest picture of a camera", answers={200: _PICTURE}, may=May("see", "camera"),
            problems=("no-picture", "cameras-away"),
        ),
        Operation(
            method="GET", path="/api/v1/basemap/{name}", vi="Lớp bản đồ nền", en="A part of the base map",
            answers={200: Answer(_GEO, models.Document)}, cost="cheap",
        ),
    )  # fmt: skip


def _live_views() -> tuple[Operation, ...]:
    return (
        Operation(
            method="GET", path="/api/v1/cameras/{code}/live", vi="Hình trực tiếp của camera (MP4 phân mảnh)",
            en="What a camera shows as it comes (fragmented MP4)", answers={200: Answer("video/mp4")},
            may=May("see", "camera"), problems=("cameras-away", "not-live", "stills-only"), endless=True,
        ),
        Operation(
            method="GET", path="/api/v1/cameras/{code}/stills", vi="Ảnh tĩnh của camera, thay nhau liên tục",
            en="Still pictures of a camera that replace each other",
            answers={200: Answer("multipart/x-mixed-replace")}, may=May("see", "camera"),
            problems=("cameras-away", "no-picture"), endless=True,
        ),
        Operation(
            method="GET", path="/api/v1/cameras/live", vi="Hình trực tiếp của nhiều camera trong một câu trả lời",
            en="What several cameras show as it comes, in one answer", query={"codes": str, "stills": str},
            answers={200: Answer("multipart/mixed")}, may=May("see", "camera"), problems=("not-found",), endless=True,
        ),
    )  # fmt: skip


def _door() -> tuple[Operation, ...]:
    path = "/api/v1/session"
    return (
        Operation(
            method="POST", path=path, vi="Đăng nhập", en="Sign in", public=True, secret=True, body=models_people.SignIn,
            answers={200: models_people.Who},
            problems=("sign-in-failed", "code-needed", "code-wrong", "foreign-origin", "too-many-tries"),
        ),
        Operation(
            method="GET", path=path, vi="Ai đang đăng nhập", en="Who is signed in",
            answers={200: models_people.Who}, cost="cheap",
        ),
        Operation(method="DELETE", path=path, vi="Đăng xuất", en="Sign out", answers={204: None}),
    )  # fmt: skip


def _state() -> tuple[Operation, ...]:
    text = Answer("text/plain")
    return (
        Operation(method="GET", path="/healthz", vi="Tiến trình còn trả lời", en="Whether the process answers",
                  public=True, answers={200: text}, cost="cheap"),
        Operation(method="GET", path="/readyz", vi="Mọi bộ phận còn làm việc", en="Whether every part works",
                  answers={200: models.Ready, 503: models.Ready}, may=May("see", "state")),
        Operation(method="GET", path="/metrics", vi="Số liệu Prometheus", en="Figures in Prometheus text",
                  answers={200: text}, may=May("see", "state"), cost="cheap"),
        Operation(method="GET", path="/api/v1/openapi.json", vi="Tài liệu này", en="This document",
                  answers={200: models.Document}, cost="cheap"),
        Operation(method="GET", path="/api/docs", vi="Tài liệu này, để đọc", en="This document, to be read",
                  query={"lang": Literal["vi", "en"]}, answers={200: Answer("text/html")}, cost="cheap"),
        Operation(method="GET", path="/api/docs.css", vi="Kiểu chữ của trang tài liệu",
                  en="The style of the document's page", public=True, answers={200: Answer("text/css")},
                  cost="cheap"),
    )  # fmt: skip


def routes(app: web.Application) -> None:
    """Describe them to an application."""
    describe(app, *_ogc(), *_wall(), *_live_views(), *_door(), *_state())
