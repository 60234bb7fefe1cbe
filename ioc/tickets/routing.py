"""Who is responsible: by category, severity, place and day, from the policy's routes; never nobody."""

import datetime as dt
from collections.abc import Sequence

import msgspec

from ioc.tickets.policy import Along, Policy, Route, Unit

CENTRE = "centre"
"""In a route: the unit of the centre that serves the place."""


class Routed(msgspec.Struct, frozen=True, kw_only=True):
    """Where a ticket goes and what there is to do; `along` get a sub-ticket each, and are never the unit itself.

    `why` is a sentence for people (Vietnamese): the route's, or which way out was taken where no route fits.
    """

    unit: str
    task: str = ""
    along: tuple[Along, ...] = ()
    why: str


def route(policy: Policy, category: str, severity: str, areas: Sequence[str], centre: str, day: dt.date) -> Routed:
    """Where work goes: the first route that fits, else the unit of the centre, else the province's.

    `areas` are the feature ids of the areas around the place, the smallest first; `centre` is the code of the centre
    that serves it; `day` is local.
    """
    found = next((one for one in policy.routes if fits(one, category, severity, areas, day)), None)
    unit, way_out = responsible(policy, found.unit if found is not None else CENTRE, centre)
    if found is None:
        return Routed(unit=unit.code, why=way_out or f"Không có quy tắc riêng: giao {unit.name}")
    along = _along(policy, found.along, unit, centre)
    return Routed(unit=unit.code, task=found.task, along=along, why=way_out or found.why)


def fits(one: Route, category: str, severity: str, areas: Sequence[str], day: dt.date) -> bool:
    """Whether everything that a route asks for is so."""
    return (
        (not one.categories or category in one.categories)
        and (not one.severities or severity in one.severities)
        and (not one.areas or not set(one.areas).isdisjoint(areas))
        and (one.from_day is None or one.from_day <= day)
        and (one.to_day is None or day < one.to_day)
    )


def responsible(policy: Policy, unit: str, centre: str) -> tuple[Unit, str]:
    """The unit that a route names, and the sentence that says so when it is another one.

    `centre`: the unit with the centre's code, else the first that is of the centre and not of the province's.
    """
    if unit != CENTRE:
        found = policy.unit(unit)
        if found is not None:
            return found, ""
        return policy.top, f"Đơn vị {unit} không có trong chính sách: giao {policy.top.name}"
    own = policy.unit(centre) or next(
        (one for one in policy.units if one.centre == centre and one.centre != policy.top.centre), None
    )
    if own is not None:
        return own, ""
    return policy.top, f"Trung tâm {centre} không có đơn vị: giao {policy.top.name}"


def _along(policy: Policy, along: Sequence[Along], lead: Unit, centre: str) -> tuple[Along, ...]:
    """The further units, each once; what would go to the lead itself is part of its own work."""
    found: dict[str, Along] = {}
    for one in along:
        unit, _ = responsible(policy, one.unit, centre)
        if unit.code != lead.code:
            found.setdefault(unit.code, Along(unit=unit.code, task=one.task))
    return tuple(found.values())
