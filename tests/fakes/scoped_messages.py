"""What people are told, a thing in each place and time, with a message that tells it and a sending of that."""

import datetime as dt
import uuid
from typing import Any

from ioc.access.scope import Thing

TABLES = ("notifications", "messages", "message_items", "deliveries")
KEYS = {
    "notifications": "key",
    "messages": "id::text",
    "message_items": "message::text",
    "deliveries": "message::text",
}


def notification_row(key: str, thing: Thing, now: dt.datetime) -> dict[str, Any]:
    """A notification for nobody that is there."""
    words = dict.fromkeys(("thread", "title", "title_en", "body", "body_en", "link"), "")
    place = {"centre": thing.centre, "area": thing.area, "at": thing.at or now}
    return {"key": key, "recipient": "somebody", "topic": "ticket", "severity": "minor", **words, **place}


def message_row(id: uuid.UUID, now: dt.datetime) -> dict[str, Any]:  # noqa: A002
    """A dead letter."""
    states = {"state": "dead", "route": "[]", "reason": "", "created_at": now, "ended_at": now}
    return {"id": id, "recipient": "somebody", "language": "vi", "severity": "minor", **states}


def delivery_row(message: uuid.UUID, now: dt.datetime) -> dict[str, Any]:
    """A sending of it."""
    return {"message": message, "round": 1, "channel": "sms", "address": "", "begun_at": now, "token": message.bytes}
