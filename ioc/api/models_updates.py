"""What the routes about updates of reports answer."""

import datetime as dt
import uuid
from typing import Literal

import msgspec


class UpdateOf(msgspec.Struct, frozen=True, kw_only=True):
    """What a channel is told of one of its reports.

    `update_id`, `service_request_id`, `status`, `updated_datetime` and `description` are named and meant as in
    FixMyStreet's extension of Open311 GeoReport v2 (`servicerequestupdates`). `step` is one of sent, moved, accepted,
    working, waiting, resolved, done, reopened, cancelled. `agency` is the unit that has it. `place` rises with each.
    """

    place: int
    update_id: uuid.UUID
    channel: str
    service_request_id: str
    report: uuid.UUID
    step: str
    status: Literal["open", "closed"]
    updated_datetime: dt.datetime
    expected_datetime: dt.datetime | None
    description: str
    description_en: str
    agency: str
    agency_en: str
    state: Literal["offered", "told", "dead"]
    attempts: int
    told_at: dt.datetime | None
    reason: str


class UpdatesOf(msgspec.Struct, frozen=True, kw_only=True):
    """Updates in the order in which they were made; `next` is the `after` of the next call, also when there is no more
    for now."""

    updates: list[UpdateOf]
    next: int
