"""ONVIF's events in one form, out of the three in which cameras send them.

- XML: `wsnt:NotificationMessage` as a PullPoint, a notification or a metadata stream brings it (ONVIF Core, Event
  handling), one or many;
- `onvif-ej`: JSON over MQTT (ONVIF Core, "JSON Event Payload"), where the topic says what it is;
- the JSON of Axis' event bridge, which carries its topic itself.
"""

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

import msgspec

from cameras.foreign import LARGEST_PAYLOAD, moment_of, word
from cameras.onvif_topics import local_topic
from cameras.onvif_xml import EVENTS, NOTIFICATION, SCHEMA, Element, XmlError, fault_of, items, parse

MOST_NOTICES = 1000
"""Messages of one answer that are read."""

_ENOUGH = ("PullMessagesResponse", "MetadataStream", "Notify", "Event")
"""What may hold no message at all."""


class NoticeError(Exception):
    """There are no events to be read; `code` is for counters, the text for people."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """One event. `topic` is without prefixes; `at` None when its time cannot be read.

    `operation` is Initialized, Changed, Deleted, or empty where the form has none. `producer` is what the message
    itself, or its MQTT topic, calls the camera.
    """

    topic: str
    at: dt.datetime | None
    operation: str = ""
    source: Mapping[str, Any] = {}
    key: Mapping[str, Any] = {}
    data: Mapping[str, Any] = {}
    producer: str = ""

    def told(self) -> dict[str, Any]:
        """For a technician, in the words of the message."""
        return {
            "topic": self.topic,
            "at": self.at.isoformat().replace("+00:00", "Z") if self.at else None,
            "operation": self.operation,
            "source": dict(self.source),
            "key": dict(self.key),
            "data": dict(self.data),
            "producer": self.producer,
        }


def notices_of(payload: bytes, topic: str = "") -> list[Notice]:
    """The events of a message. Raises NoticeError."""
    start = payload.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if len(payload) > LARGEST_PAYLOAD:
        raise NoticeError("too_big", f"the payload has {len(payload)} bytes; at most {LARGEST_PAYLOAD} are taken")
    return in_xml(payload) if start == b"<" else in_json(payload, topic)


def in_xml(payload: bytes) -> list[Notice]:
    """The events of an XML document. Raises NoticeError."""
    try:
        root = parse(payload)
    except XmlError as error:
        raise NoticeError("not_xml", str(error)) from error
    found = [root] if root.is_("NotificationMessage", NOTIFICATION) else root.every("NotificationMessage", NOTIFICATION)
    notices = [notice for holder in found for notice in _held(holder)]
    if root.is_("Message", SCHEMA) and not notices:
        notices = [_message(root, "", "")]
    if len(notices) > MOST_NOTICES:
        raise NoticeError("too_big", f"it holds {len(notices)} messages; at most {MOST_NOTICES} are taken")
    if not notices:
        _explain(root)
    return notices


def _explain(root: Element) -> None:
    """Say why a document holds no event, unless it is one that may hold none."""
    fault = fault_of(root)
    if fault:
        raise NoticeError("fault", f"the camera answered with a fault: {fault}")
    body = root.children[-1] if root.name == "Envelope" and root.children else root
    answer = body.children[0] if body.name == "Body" and body.children else body
    if answer.name not in _ENOUGH or answer.space not in ("", EVENTS, SCHEMA, NOTIFICATION):
        raise NoticeError("schema", f"it holds no NotificationMessage; it is a {word(answer.name, 60)}")


def _held(holder: Element) -> list[Notice]:
    """The messages of a holder, which may be several (ONVIF Core, 9.4)."""
    topic = holder.find("Topic", NOTIFICATION)
    producer = next((one.text for one in holder.every("Address") if one.text), "")
    reference = holder.find("ProducerReference", NOTIFICATION)
    if reference is not None:
        producer = next((child.text for child in reference.children if child.name == "Address"), producer)
    bodies = [one for outer in holder.children if outer.is_("Message", NOTIFICATION) for one in outer.children]
    inner = [one for one in bodies if one.is_("Message", SCHEMA)]
    return [_message(one, topic.text if topic is not None else "", producer) for one in inner]


def _message(element: Element, topic: str, producer: str) -> Notice:
    return Notice(
        topic=local_topic(topic),
        at=moment_of(element.attributes.get("UtcTime", "")),
        operation=element.attributes.get("PropertyOperation", ""),
        source=items(element.find("Source", SCHEMA)),
        key=items(element.find("Key", SCHEMA)),
        data=items(element.find("Data", SCHEMA)),
        producer=word(producer),
    )


def in_json(payload: bytes, topic: str) -> list[Notice]:
    """The events of JSON. Raises NoticeError."""
    try:
        said = msgspec.json.decode(payload)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        if not payload.strip():
            raise NoticeError(
                "empty", "the payload is empty; a deleted property is told so, and keeps nothing"
            ) from error
        raise NoticeError("not_json", f"it is neither JSON nor XML: {error}") from error
    several = said if isinstance(said, list) else [said]
    if len(several) > MOST_NOTICES:
        raise NoticeError("too_big", f"it holds {len(several)} messages; at most {MOST_NOTICES} are taken")
    return [_said(one, topic) for one in several]


def _said(one: Any, topic: str, *, recorded: bool = False) -> Notice:
    if not isinstance(one, dict):
        raise NoticeError("schema", "an event is a JSON object with UtcTime, Source and Data")
    if not recorded and isinstance(one.get("payload"), dict) and isinstance(one.get("topic"), str):
        return _said(one["payload"], one["topic"], recorded=True)  # the MQTT topic beside what came under it
    fields = {name.lower(): value for name, value in one.items()}
    bridged = isinstance(fields.get("message"), dict)
    body = {name.lower(): value for name, value in fields["message"].items()} if bridged else fields
    if not bridged and not {"source", "data", "utctime"} & set(fields):
        raise NoticeError("schema", "an event is a JSON object with UtcTime, Source and Data (onvif-ej)")
    producer, local = taken_apart(topic)
    own = fields.get("topic") or fields.get("topicname")
    data = flat(body.get("data"))
    at = fields.get("utctime") or fields.get("timestamp") or fields.get("time") or body.get("utctime")
    return Notice(
        topic=local_topic(own) if isinstance(own, str) and own else local,
        at=moment_of(at),
        operation=word(fields.get("propertyoperation") or body.get("propertyoperation") or ""),
        source=flat(body.get("source")),
        key=flat(body.get("key")),
        data=data,
        producer=producer or word(fields.get("serial") or fields.get("deviceid") or ""),
    )


def flat(part: Any) -> dict[str, Any]:
    """The items of Source, Key or Data: by their names, or as lists of Name and Value, which some makers keep."""
    if not isinstance(part, dict):
        return {}
    found: dict[str, Any] = {}
    for name, value in part.items():
        if name in ("SimpleItem", "ElementItem"):
            for item in value if isinstance(value, list) else [value]:
                if isinstance(item, dict):
                    named = item.get("Name", item.get("@Name"))
                    rest = {key: one for key, one in item.items() if key not in ("Name", "@Name")}
                    found[word(named)] = item.get("Value", item.get("@Value", rest))
        else:
            found[word(name)] = value
    return found


def taken_apart(topic: str) -> tuple[str, str]:
    """The camera's name and the local topic of an MQTT topic: `{TopicPrefix}/onvif-ej/{LocalTopic}[/&{Source}]`.

    Axis writes `{prefix}/event/tns:onvif/…[/$source/…]` instead. A topic with neither is all local.
    """
    parts = [part for part in topic.split("/") if part]
    for number, part in enumerate(parts):
        following = parts[number + 1] if number + 1 < len(parts) else ""
        if part == "onvif-ej" or (part == "event" and ":" in following) or (part == "event" and number > 0):
            return "/".join(parts[:number]), _local(parts[number + 1 :])
    return "", _local(parts)


def _local(parts: list[str]) -> str:
    kept: list[str] = []
    for part in parts:
        if part.startswith(("&", "$")):
            break
        if re.fullmatch(r"tns\d?:(onvif|axis)|tnsaxis:|tns1:", part):
            continue
        kept.append(part)
    return local_topic("/".join(kept))
