"""Rows of tickets and of what hangs on them, for the tests of row-level security."""

import datetime as dt
import uuid
from typing import Any

from ioc.access.scope import Thing

POINT = "SRID=4326;POINT(108 15.5)"


def ticket_row(id: uuid.UUID, thing: Thing, now: dt.datetime) -> dict[str, Any]:  # noqa: A002
    """A new ticket, or one that was cancelled when the thing ended."""
    words = (
        "unit", "sender", "area_code", "area_name", "title", "title_en", "task", "category", "owner", "team",
        "waiting_why", "resolved_by", "verified_by", "result",
    )  # fmt: skip
    return {
        "id": id,
        "number": id.int % 2**60,
        "centre": thing.centre,
        "area": thing.area,
        "camera": thing.camera,
        "version": 1,
        "incident": id,
        "severity": "minor",
        "state": "cancelled" if thing.at else "new",
        "closed_at": thing.at,
        "geom": POINT,
        **dict.fromkeys(words, ""),
        **dict.fromkeys(("bounces", "reopens", "generation"), 0),
        "policy": 1,
        **dict.fromkeys(("opened_at", "received_at", "updated_at"), now),
    }


def line_row(id: uuid.UUID, now: dt.datetime) -> dict[str, Any]:  # noqa: A002
    """A line of a ticket's log, told apart by the ticket."""
    words = dict.fromkeys(("who", "what", '"to"', "unit", "state", "severity", "from_unit"), "")
    return {"ticket": id, "at": now, "version": 1, "text": str(id), "public": False, **words}


def stay_row(id: uuid.UUID, thing: Thing, now: dt.datetime) -> dict[str, Any]:  # noqa: A002
    """A time that a unit had a ticket, over when the thing ended."""
    scope = {"centre": thing.centre, "area": thing.area}
    return {
        "ticket": id, "stay": 1, **scope, "unit": "", "category": "", "severity": "minor", "received_at": now,
        "left_at": thing.at,
    }  # fmt: skip


def timer_row(id: uuid.UUID, now: dt.datetime) -> dict[str, Any]:  # noqa: A002
    """A reminder of a ticket that waits."""
    return {
        "ticket": id, "kind": "reminder", "stage": "accept", "step": "10", "generation": 0, "round": 0, "at": now,
    }  # fmt: skip
