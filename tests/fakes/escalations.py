"""A small policy with an escalation at each stage, and a ticket that runs by it."""

import datetime as dt
from typing import Any

from gis.position import Position
from ioc.tickets.policy import Clock, Plan, Policy, Step, Unit, WorkDay
from ioc.tickets.ticket import Ticket

NOON = dt.datetime(2026, 11, 25, 5, 0, tzinfo=dt.UTC)
"""A Wednesday, noon in Viet Nam."""

UNITS = (
    Unit(code="quang-nam", name="Trung tâm tỉnh", name_en="The province's centre", centre="quang-nam"),
    Unit(code="hoi-an", name="Trung tâm Hội An", name_en="Hoi An centre", centre="hoi-an", up="quang-nam"),
    Unit(code="cap-nuoc", name="Cấp nước", name_en="Water works", centre="hoi-an", up="hoi-an"),
)

STEPS = (
    Step(stage="accept", after_min=0, do="notify", whom=("duty",)),
    Step(stage="accept", after_min=10, do="reassign", whom=("sender",)),
    Step(stage="accept", after_min=20, do="up", whom=("sender",)),
    Step(stage="due", after_min=-15, do="notify", whom=("owner",)),
    Step(stage="due", after_min=0, do="notify", whom=("owner", "unit")),
    Step(stage="due", after_min=60, do="up", whom=("province",)),
    Step(stage="resolved", after_min=120, do="notify", whom=("sender", "parent")),
)

HARD = (
    Step(stage="accept", after_min=0, do="notify", whom=("province",)),
    Step(stage="accept", after_min=5, do="up", whom=("duty",)),
    Step(stage="due", after_min=0, do="notify", whom=("province",)),
)

POLICY = Policy(
    version=1,
    province="quang-nam",
    units=UNITS,
    needs=(),
    routes=(),
    clocks=(
        Clock(severities=("extreme",), accept_min=10, done_min=60, nag_min=15, plan="hard"),
        Clock(
            severities=("severe",), accept_min=30, done_min=120, remind_min=(10, 45), nag_min=30, wait_stops=True,
            plan="plain",
        ),
        Clock(accept_min=60, done_min=480, hours="office", remind_min=(30,), nag_min=240, plan="plain"),
    ),
    plans=(Plan(code="plain", steps=STEPS), Plan(code="hard", steps=HARD)),
    work=(WorkDay(days=(1, 2, 3, 4, 5), hours=((dt.time(7, 30), dt.time(11, 30)), (dt.time(13), dt.time(17)))),),
    holidays=(),
)  # fmt: skip


def ticket(**members: Any) -> Ticket:
    """A severe ticket that the water works got at noon."""
    about: dict[str, Any] = {
        "id": "01900000-0000-7000-8000-000000000001", "number": 7, "version": 1,
        "incident": "01900000-0000-7000-8000-0000000000aa", "unit": "cap-nuoc", "centre": "hoi-an",
        "area": "20410@2025-07-01", "area_code": "20410", "area_name": "Hội An",
        "position": Position(lon=108.33, lat=15.88),
        "title": "Vỡ ống nước", "title_en": "Burst pipe", "category": "infrastructure", "severity": "severe",
        "state": "new", "policy": 1, "opened_at": NOON, "received_at": NOON, "updated_at": NOON,
        "accept_by": NOON + dt.timedelta(minutes=30), "due_at": NOON + dt.timedelta(minutes=120),
    }  # fmt: skip
    return Ticket(**{**about, **members})
