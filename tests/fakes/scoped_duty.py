"""Rows of teams and of times on duty, for the tests of row-level security."""

import datetime as dt
import uuid
from typing import Any

from ioc.access.scope import Thing


def team_row(code: str, thing: Thing, now: dt.datetime) -> dict[str, Any]:
    """A team of a unit."""
    place = {"unit": "u", "code": code, "centre": thing.centre, "area": thing.area}
    return {**place, "name": "Ca", "members": [], "updated_at": now}


def duty_row(id: uuid.UUID, thing: Thing, now: dt.datetime) -> dict[str, Any]:  # noqa: A002
    """A time on duty that ended when the thing did, or lasts."""
    until = thing.at or now + dt.timedelta(hours=1)
    place = {"id": id, "series": id, "unit": "u", "centre": thing.centre, "area": thing.area}
    span = {"starts": until - dt.timedelta(hours=8), "until": until}
    return {**place, "login": "an", **span, "created_by": "", "created_at": now}
