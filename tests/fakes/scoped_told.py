"""Rows of what citizens and agencies told, and of what citizens' channels are told."""

import datetime as dt
import uuid
from typing import Any

from ioc.access.scope import Thing

POINT = "SRID=4326;POINT(108 15.5)"


def report_row(id: uuid.UUID, thing: Thing, now: dt.datetime) -> dict[str, Any]:  # noqa: A002
    words = dict.fromkeys(("channel", "category", "text", "place", "entered_by"), "")
    scope = {"id": id, "centre": thing.centre, "area": thing.area, "number": str(id), "at": thing.at}
    lists: dict[str, Any] = {"photos": [], "numbers": [], "error_m": 1.0, "geom": POINT}
    return {**scope, "arrived_at": now, "severity": "minor", **words, **lists}


def notice_row(id: uuid.UUID, thing: Thing, now: dt.datetime) -> dict[str, Any]:  # noqa: A002
    words = ("sender", "feed", "entered_by", "category", "event", "severity", "urgency", "certainty", "headline")
    texts = dict.fromkeys((*words, "headline_en", "description", "instruction", "place"), "")
    scope = {"id": id, "centre": thing.centre, "area": thing.area, "identifier": str(id), "sent": now}
    lists: dict[str, Any] = {name: [] for name in ("refers", "refers_sent", "refers_sender", "numbers")}
    plain = {"arrived_at": now, "status": "actual", "kind": "alert", "thread": id, "error_m": 1.0, "over": False}
    return {**scope, "expires": thing.at, **plain, **texts, **lists}


def update_row(report: uuid.UUID, thing: Thing, now: dt.datetime) -> dict[str, Any]:
    """What was told of a report, under the report's own id."""
    words = {"channel": "1022", "number": str(report), "step": "sent", "unit": "dai-loc", "state": "offered"}
    scope = {"id": report, "report": report, "ticket": report, "centre": thing.centre, "area": thing.area}
    return {**scope, **words, "version": 1, "at": thing.at, "next_at": now}
