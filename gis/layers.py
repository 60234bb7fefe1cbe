"""What the map may show: one description of each collection, from which features, tiles, queryables and
schema are made.

Pure: a layer names a relation and its columns; `ioc/store/layers.py` makes the statements of it.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from operator import itemgetter
from typing import Any

import orjson

from gis.crs import CRS84, Crs
from gis.layer import AnyOf, Empty, Field, Layer, NoneOf, Row, ValidOn, Worst

SEVERITIES = ("minor", "moderate", "severe", "extreme")
"""CAP's words, rising."""

OPEN_STATUSES = ("new", "acknowledged", "in_progress", "reopened")
STATUSES = (*OPEN_STATUSES[:3], "resolved", "closed", "reopened", "false_alarm", "duplicate")
LIVE_TICKETS = ("new", "accepted", "working", "waiting", "reopened", "resolved", "verified")
TICKET_STATES = (*LIVE_TICKETS, "closed", "cancelled")
FRESHNESS = ("fresh", "stale", "lost")
QUALITIES = ("good", "implausible", "calibrating", "fault")

LIFECYCLE = ("draft", "approved", "active", "suspended", "retired")
UNSHOWN = ("draft", "retired")
"""What of the register is on no map: what is only drafted, and what is gone."""

CLUSTERED_BELOW = 12
"""Tiles of lower zooms show clusters of what people work on; stations, which are looked for by place, cluster later."""


_CENTRE = Field("centre", "string", "Trung tâm", "Centre", filter=True, tile=True)
_AREA_CODE = Field("area_code", "string", "Mã đơn vị hành chính", "Area code", filter=True, tile=True)
_CODE = Field("code", "string", "Mã", "Code", filter=True, tile=True)
_NAME = Field("name", "string", "Tên", "Name", tile=True)
_KIND = Field("kind", "string", "Loại", "Kind", filter=True, tile=True)
_STATE = Field("state", "string", "Trạng thái", "State", filter=True, tile=True)
_STATE_SINCE = Field("state_since", "datetime", "Trạng thái từ lúc", "State since")
_LIFECYCLE = Field("lifecycle", "string", "Vòng đời", "Life cycle", filter=True, words=LIFECYCLE)
_REGISTERED = NoneOf("lifecycle", UNSHOWN)
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
    worst=Worst("severity", SEVERITIES, "first_at"),
    clustered_below=CLUSTERED_BELOW,
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
    worst=Worst("severity", SEVERITIES, "raised_at"),
    clustered_below=CLUSTERED_BELOW,
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

TICKETS = Layer(
    id="tickets",
    vi="Phiếu công việc",
    en="Tickets",
    relation="tickets",
    key=("id",),
    key_kind="uuid",
    span=("opened_at", "closed_at"),
    current=AnyOf("state", LIVE_TICKETS),
    worst=Worst("severity", SEVERITIES, "opened_at"),
    clustered_below=CLUSTERED_BELOW,
    subject="ticket",
    fields=(
        Field("id", "uuid", "Định danh", "Identifier", tile=True),
        Field("number", "integer", "Số phiếu", "Number", filter=True, tile=True),
        Field("version", "integer", "Phiên bản", "Version"),
        Field("incident", "uuid", "Sự cố", "Incident", filter=True),
        Field("parent", "uuid", "Thuộc phiếu", "Part of", filter=True),
        Field("unit", "string", "Đơn vị xử lý", "Unit", filter=True, tile=True),
        _CENTRE,
        Field("sender", "string", "Đơn vị chuyển đến", "Sent by"),
        _AREA_CODE,
        Field("area_name", "string", "Đơn vị hành chính", "Area"),
        Field("title", "string", "Tiêu đề", "Title (Vietnamese)"),
        Field("title_en", "string", "Tiêu đề (tiếng Anh)", "Title (English)"),
        Field("task", "string", "Việc phải làm", "Task"),
        _CATEGORY,
        _SEVERITY,
        Field("state", "string", "Trạng thái", "State", filter=True, tile=True, words=TICKET_STATES),
        Field("owner", "string", "Người làm", "Owner", filter=True),
        Field("team", "string", "Tổ, đội", "Team", filter=True),
        Field("bounces", "integer", "Số lần bị trả, chuyển", "Bounces"),
        Field("reopens", "integer", "Số lần mở lại", "Reopened"),
        Field("policy", "integer", "Phiên bản quy định", "Version of the policy"),
        Field("opened_at", "datetime", "Mở lúc", "Opened at"),
        Field("received_at", "datetime", "Đơn vị có phiếu từ lúc", "With the unit since"),
        Field("updated_at", "datetime", "Cập nhật lúc", "Updated at"),
        Field("accept_by", "datetime", "Hạn nhận", "To be accepted by"),
        Field("due_at", "datetime", "Hạn xong", "Due at"),
        Field("rest_s", "number", "Thời gian còn lại khi đồng hồ dừng", "Left while the clock stands still", unit="s"),
        Field("accepted_at", "datetime", "Nhận lúc", "Accepted at"),
        Field("started_at", "datetime", "Bắt đầu lúc", "Started at"),
        Field("waiting_since", "datetime", "Chờ từ lúc", "Waiting since"),
        Field("waiting_why", "string", "Lý do chờ", "Why it waits"),
        Field("resolved_at", "datetime", "Làm xong lúc", "Done at"),
        Field("resolved_by", "string", "Người báo làm xong", "Called done by"),
        Field("result", "string", "Kết quả", "Result"),
        Field("verified_at", "datetime", "Xác nhận lúc", "Verified at"),
        Field("verified_by", "string", "Người xác nhận", "Verified by"),
        Field("closed_at", "datetime", "Kết thúc lúc", "Ended at"),
        Field("generation", "integer", "Số lần bắt đầu lại việc đốc thúc", "Escalation begun anew"),
        Field("camera", "string", "Camera", "Camera", filter=True),
    ),
)

DEVICES = Layer(
    id="devices",
    vi="Thiết bị quan trắc",
    en="Devices",
    relation="devices",
    current=_REGISTERED,
    worst=Worst("state", ("suspended", *FRESHNESS), "state_since"),
    clustered_below=9,
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
        _LIFECYCLE,
        Field("approximate", "boolean", "Vị trí gần đúng", "Position is approximate", filter=True, tile=True),
        _NOTE,
        Field("latest", "object", "Giá trị mới nhất", "Latest values"),
    ),
)

GRADES = ("excellent", "fair", "poor", "unusable")
"""How good a camera's stream is, falling."""

_CAMERA_FIELDS = (_CODE, _NAME, _KIND, _CENTRE, _AREA_CODE, _STATE, _STATE_SINCE, _LIFECYCLE)

CAMERAS = Layer(
    id="cameras",
    vi="Camera",
    en="Cameras",
    relation="cameras",
    current=_REGISTERED,
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
    current=_REGISTERED,
    geometry="view",
    mercator="view3857",
    shape="polygon",
    drawn_from=11,
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
    current=NoneOf("lifecycle", tuple(word for word in LIFECYCLE if word != "active")),
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
    layer.id: layer for layer in (INCIDENTS, ALARMS, TICKETS, DEVICES, CAMERAS, CAMERA_FOV, AREAS, OBSERVATIONS_LATEST)
}
"""All collections by id, in the order in which they are listed."""


def moment(at: dt.datetime) -> str:
    """RFC 3339 in UTC with milliseconds and Z. Raises ValueError for a naive time."""
    if at.tzinfo is None:
        raise ValueError("a time without a zone cannot be written; give it one")
    if at.tzinfo is not dt.UTC:
        at = at.astimezone(dt.UTC)
    # A page of features has hundreds of moments, and this is three times as quick as isoformat.
    text = orjson.dumps(at, option=orjson.OPT_UTC_Z).decode()
    return f"{text[1:24]}Z" if at.microsecond else f"{text[1:20]}.000Z"


_WRITE: Mapping[str, Callable[[Any], str]] = {
    "datetime": moment,
    "date": dt.date.isoformat,
    "uuid": str,
}
"""How values of a kind are written; all other kinds are JSON already."""

_NAMES = {layer.id: tuple(field.name for field in layer.fields) for layer in LAYERS.values()}
_VALUES = {layer: itemgetter(*names) for layer, names in _NAMES.items()}
"""All values of a row at once: a page of features is most of what answering a request costs outside PostgreSQL."""

_WRITTEN = {
    layer.id: [(field.name, _WRITE[field.kind]) for field in layer.fields if field.kind in _WRITE]
    for layer in LAYERS.values()
}
"""The fields of each layer that are written in a way of their own."""


def _properties(layer: Layer, row: Row) -> dict[str, Any]:
    found = dict(zip(_NAMES[layer.id], _VALUES[layer.id](row), strict=True))
    for name, write in _WRITTEN[layer.id]:
        value = found[name]
        if value is not None:
            found[name] = write(value)
    return found


def _geometry(row: Row, crs: Crs) -> Any:
    first, second = crs.axes
    if first in row:
        if row[first] is None:
            return None
        return {"type": "Point", "coordinates": [round(row[first], crs.digits), round(row[second], crs.digits)]}
    shape = row["geometry"]
    return orjson.Fragment(shape) if isinstance(shape, str) else shape


def feature(layer: Layer, row: Row, crs: Crs = CRS84) -> dict[str, Any]:
    """The GeoJSON feature (RFC 7946) of a row that has the layer's fields and key columns by their names.

    Its place is the axes of `crs` by their names (`lon` and `lat` in degrees), or `geometry` as a dict or as GeoJSON
    text; text stays as it is and only `orjson` can write it.
    """
    return {
        "type": "Feature",
        "id": layer.fid(row),
        "geometry": _geometry(row, crs),
        "properties": _properties(layer, row),
    }
