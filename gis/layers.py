"""What the map may show: one description of each collection, from which features, tiles, queryables and
schema are made.

Pure: a layer names a relation and its columns; `ioc/store/layers.py` makes the statements of it.
"""

import datetime as dt
import uuid
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import msgspec
import orjson

SEVERITIES = ("minor", "moderate", "severe", "extreme")
"""CAP's words, rising."""

OPEN_STATUSES = ("new", "acknowledged", "in_progress", "reopened")
STATUSES = (*OPEN_STATUSES[:3], "resolved", "closed", "reopened", "false_alarm", "duplicate")
FRESHNESS = ("fresh", "stale", "lost")
QUALITIES = ("good", "implausible", "calibrating", "fault")


class Row(Protocol):
    """Columns by their names: a dict, or a row of a database."""

    def __getitem__(self, key: str, /) -> Any: ...

    def __contains__(self, key: object, /) -> bool: ...


class Field(msgspec.Struct, frozen=True):
    """One property of a feature.

    `kind` is `string uuid integer number boolean datetime date strings object`; `filter` allows
    `name=value` in a query; `tile` puts it into vector tiles; `words` lists the allowed values.
    """

    name: str
    kind: str
    vi: str
    en: str
    filter: bool = False
    tile: bool = False
    words: tuple[str, ...] = ()
    unit: str = ""


class AnyOf(msgspec.Struct, frozen=True):
    """Only rows whose column has one of these values."""

    column: str
    values: tuple[str, ...]


class Empty(msgspec.Struct, frozen=True):
    """Only rows whose column holds nothing yet; `but`: and whose other column is not this word."""

    column: str
    but: tuple[str, str] | None = None


class ValidOn(msgspec.Struct, frozen=True):
    """Only rows whose span of days holds the day in question; the last day is exclusive."""

    first: str
    end: str


class Layer(msgspec.Struct, frozen=True, kw_only=True):
    """A collection of features.

    `key` are the columns that make the feature's id (joined by a colon), of `key_kind` `uuid` or `string`.
    `geometry` is WGS 84, `mercator` the stored EPSG:3857 twin; `shape` is `point` or `polygon`.
    `span` are the columns of the beginning and the end of a feature's time, for `datetime`.
    `current` keeps what is over out of tiles and snapshots.
    """

    id: str
    vi: str
    en: str
    relation: str
    fields: tuple[Field, ...]
    key: tuple[str, ...] = ("code",)
    key_kind: str = "string"
    geometry: str = "geom"
    mercator: str = "geom3857"
    shape: str = "point"
    span: tuple[str, str] | None = None
    current: AnyOf | Empty | ValidOn | None = None
    worst_first: bool = False
    subject: str = ""

    def field(self, name: str) -> Field | None:
        """The field of that name, None when there is none."""
        return next((field for field in self.fields if field.name == name), None)

    def fid(self, row: Row) -> str:
        """The feature's id of a row that holds the key columns."""
        if len(self.key) == 1:
            return str(row[self.key[0]])
        return ":".join(str(row[name]) for name in self.key)

    def key_of(self, fid: str) -> tuple[Any, ...] | None:
        """The values of the key columns of a feature's id, None when no feature can have this id."""
        if "\0" in fid or not fid:
            return None
        if self.key_kind == "uuid":
            try:
                return (uuid.UUID(fid),)
            except ValueError:
                return None
        parts = tuple(fid.split(":", len(self.key) - 1))
        return parts if len(parts) == len(self.key) else None


_CENTRE = Field("centre", "string", "Trung tâm", "Centre", filter=True, tile=True)
_AREA_CODE = Field("area_code", "string", "Mã đơn vị hành chính", "Area code", filter=True, tile=True)
_CODE = Field("code", "string", "Mã", "Code", filter=True, tile=True)
_NAME = Field("name", "string", "Tên", "Name", tile=True)
_KIND = Field("kind", "string", "Loại", "Kind", filter=True, tile=True)
_STATE = Field("state", "string", "Trạng thái", "State", filter=True, tile=True)
_STATE_SINCE = Field("state_since", "datetime", "Trạng thái từ lúc", "State since")
_NOTE = Field("note", "string", "Ghi chú", "Note")
_CATEGORY = Field("category", "string", "Nhóm", "Category", filter=True, tile=True)
_SEVERITY = Field("severity", "string", "Mức độ", "Severity", filter=True, tile=True, words=SEVERITIES)
_COUNT = Field("count", "integer", "Số lần lặp", "Repeats")

INCIDENTS = Layer(
    id="incidents",
    vi="Sự cố",
    en="Incidents",
    relation="incidents",
    key=("id",),
    key_kind="uuid",
    span=("first_at", "last_at"),
    current=AnyOf("status", OPEN_STATUSES),
    worst_first=True,
    subject="incident",
    fields=(
        Field("id", "uuid", "Định danh", "Identifier", tile=True),
        Field("version", "integer", "Phiên bản", "Version"),
        Field("title", "string", "Tiêu đề", "Title (Vietnamese)"),
        Field("title_en", "string", "Tiêu đề (tiếng Anh)", "Title (English)"),
        _CATEGORY,
        _SEVERITY,
        Field("status", "string", "Tình trạng xử lý", "Status", filter=True, tile=True, words=STATUSES),
        Field("owner", "string", "Người phụ trách", "Owner", filter=True),
        Field("duplicate_of", "uuid", "Trùng với sự cố", "Duplicate of"),
        _AREA_CODE,
        Field("area_name", "string", "Đơn vị hành chính", "Area"),
        _CENTRE,
        Field("opened_at", "datetime", "Mở lúc", "Opened at"),
        Field("updated_at", "datetime", "Cập nhật lúc", "Updated at"),
        Field("first_at", "datetime", "Quan trắc đầu tiên", "First observation"),
        Field("last_at", "datetime", "Quan trắc gần nhất", "Last observation"),
        Field("alarms", "integer", "Số cảnh báo", "Alarms"),
        _COUNT,
        Field("cleared", "boolean", "Đã hết cảnh báo", "No alarm holds any more", filter=True),
        Field("camera", "string", "Camera", "Camera", filter=True),
        Field("sources", "strings", "Nguồn", "Sources"),
    ),
)

ALARMS = Layer(
    id="alarms",
    vi="Cảnh báo",
    en="Alarms",
    relation="alarms",
    key=("id",),
    key_kind="uuid",
    span=("raised_at", "cleared_at"),
    current=Empty("cleared_at", but=("match", "suppressed")),
    worst_first=True,
    subject="alarm",
    fields=(
        Field("id", "uuid", "Định danh", "Identifier", tile=True),
        Field("key", "string", "Khoá", "Key", filter=True),
        Field("title", "string", "Tiêu đề", "Title (Vietnamese)"),
        Field("title_en", "string", "Tiêu đề (tiếng Anh)", "Title (English)"),
        Field("rule", "string", "Quy tắc", "Rule", filter=True),
        _CATEGORY,
        _SEVERITY,
        Field("source_kind", "string", "Loại nguồn", "Kind of source", filter=True),
        Field("source", "string", "Nguồn", "Source", filter=True),
        Field("source_name", "string", "Tên nguồn", "Name of the source"),
        Field("property", "string", "Đại lượng", "Property", filter=True),
        Field("raised_at", "datetime", "Bắt đầu lúc", "Raised at"),
        Field("seen_at", "datetime", "Thấy lần cuối", "Seen at"),
        Field("cleared_at", "datetime", "Hết lúc", "Cleared at"),
        _COUNT,
        Field("incident", "uuid", "Sự cố", "Incident", filter=True),
        Field("match", "string", "Cách gắn với sự cố", "How it came to its incident", filter=True),
        _CENTRE,
        _AREA_CODE,
        Field("evidence", "object", "Bằng chứng", "Evidence"),
    ),
)

DEVICES = Layer(
    id="devices",
    vi="Thiết bị quan trắc",
    en="Devices",
    relation="devices",
    subject="device",
    fields=(
        _CODE,
        _NAME,
        _KIND,
        Field("profile", "string", "Hồ sơ thiết bị", "Profile", filter=True),
        _CENTRE,
        _AREA_CODE,
        _STATE,
        _STATE_SINCE,
        Field("approximate", "boolean", "Vị trí gần đúng", "Position is approximate", filter=True, tile=True),
        _NOTE,
        Field("latest", "object", "Giá trị mới nhất", "Latest values"),
    ),
)

GRADES = ("excellent", "fair", "poor", "unusable")
"""How good a camera's stream is, falling."""

_CAMERA_FIELDS = (_CODE, _NAME, _KIND, _CENTRE, _AREA_CODE, _STATE, _STATE_SINCE)

CAMERAS = Layer(
    id="cameras",
    vi="Camera",
    en="Cameras",
    relation="cameras",
    subject="camera",
    fields=(
        *_CAMERA_FIELDS,
        Field("bearing", "number", "Hướng nhìn", "Bearing", unit="deg"),
        Field("fov", "number", "Góc nhìn", "Field of view", unit="deg"),
        Field("link", "string", "Đường truyền", "Link", filter=True),
        Field("reason", "string", "Lý do của trạng thái", "Why it has this state"),
        Field("picture_before", "uuid", "Hình trước khi đổi trạng thái", "Picture before the state changed"),
        Field("picture_after", "uuid", "Hình sau khi đổi trạng thái", "Picture after the state changed"),
        Field("grade", "string", "Chất lượng luồng hình", "Grade of the stream", filter=True, tile=True, words=GRADES),
        Field("fps", "number", "Số hình mỗi giây", "Pictures a second", unit="1/s"),
        Field("fps_expected", "number", "Số hình mỗi giây cần có", "Pictures a second expected", unit="1/s"),
        Field("reconnects", "integer", "Số lần kết nối lại trong một giờ", "Reconnects within an hour"),
        Field("stalls", "integer", "Số lần ngắt quãng trong một giờ", "Stalls within an hour"),
        _NOTE,
    ),
)

CAMERA_FOV = Layer(
    id="camera_fov",
    vi="Vùng nhìn của camera",
    en="Fields of view of cameras",
    relation="cameras",
    geometry="view",
    mercator="view3857",
    shape="polygon",
    fields=_CAMERA_FIELDS,
)

AREAS = Layer(
    id="areas",
    vi="Đơn vị hành chính",
    en="Administrative areas",
    relation="areas",
    key=("fid",),
    shape="polygon",
    span=("valid_from", "valid_to"),
    current=ValidOn("valid_from", "valid_to"),
    fields=(
        _CODE,
        _NAME,
        _KIND,
        Field("level", "integer", "Cấp", "Level", filter=True, tile=True),
        Field("parent", "string", "Thuộc", "Parent", filter=True),
        Field("valid_from", "date", "Hiệu lực từ", "Valid from"),
        Field("valid_to", "date", "Hết hiệu lực", "Valid to (exclusive)"),
        Field("successors", "strings", "Đơn vị kế thừa", "Successors"),
    ),
)

OBSERVATIONS_LATEST = Layer(
    id="observations_latest",
    vi="Quan trắc mới nhất",
    en="Latest observations",
    relation="observations_latest",
    key=("device", "property"),
    span=("at", "at"),
    fields=(
        Field("device", "string", "Thiết bị", "Device", filter=True, tile=True),
        Field("name", "string", "Tên", "Name", tile=True),
        Field("property", "string", "Đại lượng", "Property", filter=True, tile=True),
        Field("value", "number", "Giá trị", "Value", tile=True),
        Field("unit", "string", "Đơn vị đo", "Unit", tile=True),
        Field("at", "datetime", "Lúc", "At"),
        Field("recorded_at", "datetime", "Ghi nhận gốc lúc", "Originally recorded at"),
        Field("age_s", "number", "Tuổi", "Age", unit="s"),
        Field("quality", "string", "Chất lượng", "Quality", filter=True, tile=True, words=QUALITIES),
        Field("freshness", "string", "Độ mới", "Freshness", filter=True, tile=True, words=FRESHNESS),
        Field("derived", "boolean", "Suy ra", "Derived", filter=True),
        _CENTRE,
        _AREA_CODE,
    ),
)

LAYERS: Mapping[str, Layer] = {
    layer.id: layer for layer in (INCIDENTS, ALARMS, DEVICES, CAMERAS, CAMERA_FOV, AREAS, OBSERVATIONS_LATEST)
}
"""All collections by id, in the order in which they are listed."""


def moment(at: dt.datetime) -> str:
    """RFC 3339 in UTC with milliseconds and Z. Raises ValueError for a naive time."""
    if at.tzinfo is None:
        raise ValueError("a time without a zone cannot be written; give it one")
    if at.tzinfo is not dt.UTC:
        at = at.astimezone(dt.UTC)
    return at.isoformat(timespec="milliseconds")[:-6] + "Z"


_WRITE: Mapping[str, Callable[[Any], str]] = {
    "datetime": moment,
    "date": dt.date.isoformat,
    "uuid": str,
}
"""How values of a kind are written; all other kinds are JSON already."""

_WRITTEN = {
    layer.id: [(field.name, _WRITE[field.kind]) for field in layer.fields if field.kind in _WRITE]
    for layer in LAYERS.values()
}
"""The fields of each layer that are written in a way of their own."""


def _properties(layer: Layer, row: Row) -> dict[str, Any]:
    found = {field.name: row[field.name] for field in layer.fields}
    for name, write in _WRITTEN[layer.id]:
        if found[name] is not None:
            found[name] = write(found[name])
    return found


def _geometry(row: Row) -> Any:
    if "lon" in row:
        if row["lon"] is None:
            return None
        return {"type": "Point", "coordinates": [round(row["lon"], 7), round(row["lat"], 7)]}
    shape = row["geometry"]
    return orjson.Fragment(shape) if isinstance(shape, str) else shape


def feature(layer: Layer, row: Row) -> dict[str, Any]:
    """The GeoJSON feature (RFC 7946) of a row that has the layer's fields and key columns by their names.

    Its place is `lon` and `lat` in degrees, or `geometry` as a dict or as GeoJSON text; text stays as it is
    and only `orjson` can write it.
    """
    return {
        "type": "Feature",
        "id": layer.fid(row),
        "geometry": _geometry(row),
        "properties": _properties(layer, row),
    }
