"""Tickets, a policy of four units, and what steps of tickets depend on."""

import datetime as dt
import uuid
from typing import Any

from gis.position import Position
from ioc.incidents.incident import Incident, Place
from ioc.tickets.deadlines import reckoning
from ioc.tickets.policy import Clock, Plan, Policy, Unit, WorkDay
from ioc.tickets.steps import Known
from ioc.tickets.ticket import Ticket
from tests.fakes.things import AI_NGHIA, NOW

UNITS = (
    Unit(code="quang-nam", name="Tỉnh", name_en="Province", centre="quang-nam"),
    Unit(code="hoi-an", name="Hội An", name_en="Hoi An", centre="hoi-an", up="quang-nam"),
    Unit(code="roads", name="Giao thông", name_en="Roads", centre="quang-nam", up="quang-nam"),
    Unit(code="power", name="Điện lực", name_en="Power", centre="hoi-an", up="hoi-an"),
)
ACCEPT, DONE = dt.timedelta(minutes=30), dt.timedelta(hours=8)
"""What the clock of the policy gives, in wall time."""


def policy(**changed: Any) -> Policy:
    """Half an hour to accept, eight to have it done, at all hours; waiting stops the clock of minor things alone."""
    plain = {"accept_min": 30, "done_min": 480, "plan": "plain", "remind_min": (60,), "nag_min": 120}
    clocks = (
        Clock(severities=("extreme",), **plain | {"accept_min": 5, "done_min": 60}),
        Clock(severities=("minor",), **plain | {"wait_stops": True, "verify": False}),
        Clock(**plain),
    )
    made: dict[str, Any] = {
        "version": 1, "province": "quang-nam", "units": UNITS, "needs": (), "routes": (), "clocks": clocks,
        "plans": (Plan(code="plain", steps=()),), "holidays": (),
        "work": (WorkDay(days=(1, 2, 3, 4, 5), hours=((dt.time(7), dt.time(11, 30)), (dt.time(13, 30), dt.time(17)))),),
    }  # fmt: skip
    return Policy(**made | changed)


POLICY = policy()


def ticket(number: int = 1, **changed: Any) -> Ticket:
    """A new ticket at Hội An."""
    plain: dict[str, Any] = {
        "id": str(uuid.UUID(int=number)),
        "number": number,
        "version": 1,
        "incident": str(uuid.UUID(int=1000)),
        "unit": "hoi-an",
        "centre": "hoi-an",
        "area": "20410@2025-07-01",
        "area_code": "20410",
        "area_name": "Hội An",
        "position": Position(lon=108.33, lat=15.88),
        "title": "Nước ngập",
        "title_en": "Flooded",
        "category": "flood",
        "severity": "severe",
        "state": "new",
        "policy": 1,
        "opened_at": NOW,
        "received_at": NOW,
        "updated_at": NOW,
        "accept_by": NOW + ACCEPT,
        "due_at": NOW + DONE,
    }
    return Ticket(**plain | changed)


def known(**changed: Any) -> Known:
    """What is known beside that ticket: nothing but the policy."""
    plain: dict[str, Any] = {
        "units": {unit.code: unit for unit in POLICY.units},
        "clock": lambda severity: reckoning(POLICY, "flood", severity),
    }
    return Known(**plain | changed)


def incident(number: int = 1000, **changed: Any) -> Incident:
    """The incident of that ticket."""
    place = Place(centre="hoi-an", area="20410@2025-07-01", area_code="20410", area_name="Hội An", position=AI_NGHIA)
    plain: dict[str, Any] = {
        "id": str(uuid.UUID(int=number)), "version": 1, "key": str(number), "title": "Nước ngập",
        "title_en": "Flooded", "category": "flood", "severity": "severe", "status": "new", "owner": None,
        "place": place, "sources": ("sensor",), "alarms": 1, "count": 1, "cleared": False,
        **dict.fromkeys(("opened_at", "updated_at", "first_at", "last_at"), NOW),
    }  # fmt: skip
    return Incident(**plain | changed)
