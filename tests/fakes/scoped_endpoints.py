"""An endpoint for every combination of centre and area, though only those without an area are ever made."""

import datetime as dt
from typing import Any

from ioc.access.scope import Thing

KEYS = {"endpoints": "code"}


def endpoint_row(code: str, thing: Thing, now: dt.datetime) -> dict[str, Any]:
    return {
        "code": code,
        "kind": "webhook",
        "centre": thing.centre,
        "area": thing.area,
        "name": code,
        "address": "",
        "changed_at": now,
        "changed_by": "",
    }
