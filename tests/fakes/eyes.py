"""Messages of other makers' cameras, in the forms that their documentation and real devices give."""

import copy
import json
from typing import Any

T0 = 1795309200.0
"""2026-11-22T01:00:00Z, the arrival of everything, in seconds since 1970."""


def xml(
    topic: str,
    data: dict[str, str],
    *,
    at: str = "2026-11-22T00:59:30Z",
    operation: str = "Changed",
    source: dict[str, str] | None = None,
    prefix: str = "wsnt",
) -> str:
    """A wsnt:NotificationMessage; `prefix` is what the maker calls that namespace."""

    def listed(name: str, items: dict[str, str]) -> str:
        simple = "".join(f'<s:SimpleItem Name="{key}" Value="{value}"/>' for key, value in items.items())
        return f"<s:{name}>{simple}</s:{name}>"

    dialect = "http://www.onvif.org/ver10/tev/topicExpression/ConcreteSet"
    body = f"{listed('Source', source or {})}{listed('Data', data)}"
    return (
        f'<{prefix}:NotificationMessage xmlns:{prefix}="http://docs.oasis-open.org/wsn/b-2" '
        'xmlns:s="http://www.onvif.org/ver10/schema">'
        f'<{prefix}:Topic Dialect="{dialect}"> {topic} </{prefix}:Topic><{prefix}:Message>'
        f'<s:Message UtcTime="{at}" PropertyOperation="{operation}">{body}</s:Message>'
        f"</{prefix}:Message></{prefix}:NotificationMessage>"
    )


def pulled(*messages: str) -> bytes:
    """A PullMessagesResponse in a SOAP envelope."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?><e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope">'
        '<e:Body><t:PullMessagesResponse xmlns:t="http://www.onvif.org/ver10/events/wsdl">'
        "<t:CurrentTime>2026-11-22T01:00:00Z</t:CurrentTime><t:TerminationTime>2026-11-22T01:10:00Z</t:TerminationTime>"
        f"{''.join(messages)}</t:PullMessagesResponse></e:Body></e:Envelope>"
    ).encode()


def ej(data: dict[str, Any], *, at: str = "2026-11-22T00:59:30Z", **source: str) -> bytes:
    """An onvif-ej payload."""
    return json.dumps({"UtcTime": at, "Source": source, "Data": data}).encode()


OBJECT: dict[str, Any] = {
    "id": "1795309100.5-abc123",
    "camera": "Front_Door",
    "frame_time": T0 - 100,
    "label": "person",
    "sub_label": None,
    "top_score": 0.86,
    "score": 0.8,
    "false_positive": False,
    "start_time": T0 - 110,
    "end_time": None,
    "box": [320, 180, 480, 540],
    "region": [200, 100, 700, 600],
    "current_zones": [],
    "entered_zones": [],
    "stationary": False,
    "motionless_count": 0,
    "position_changes": 1,
    "current_estimated_speed": 0,
}


def frigate(step: str, before: dict[str, Any] | None = None, **after: Any) -> dict[str, Any]:
    """A message of `frigate/events`: what changed of OBJECT before and after."""
    was = None if before is None else copy.deepcopy(OBJECT) | before
    return {"type": step, "before": was, "after": copy.deepcopy(OBJECT) | after}


def walk() -> list[dict[str, Any]]:
    """A person comes, enters a zone, stands still there, walks on, leaves the zone and is gone."""
    in_yard: dict[str, Any] = {"current_zones": ["yard"], "entered_zones": ["yard"]}
    stands: dict[str, Any] = {**in_yard, "stationary": True, "frame_time": T0 - 90, "position_changes": 1}
    moves: dict[str, Any] = {**in_yard, "position_changes": 2}
    out: dict[str, Any] = {"entered_zones": ["yard"], "position_changes": 2}
    return [
        frigate("new", {}),
        frigate("update", {}, **in_yard, frame_time=T0 - 95),
        frigate("update", {**in_yard, "frame_time": T0 - 95}, **stands),
        frigate("update", stands, **moves, frame_time=T0 - 80),
        frigate("update", {**moves, "frame_time": T0 - 80}, **out, frame_time=T0 - 75),
        frigate("end", {**out, "frame_time": T0 - 75}, **out, frame_time=T0 - 74, end_time=T0 - 70),
    ]
