"""Facts about what incidents mean for their tickets."""

from typing import Any

import msgspec
import pytest

from ioc.tickets import dispatching
from ioc.tickets.policy import Along
from ioc.tickets.routing import Routed
from tests.fakes.escalations import POLICY
from tests.fakes.tickets import incident, ticket

OVER = {"status": "resolved", "resolved_by": "system"}


@pytest.mark.parametrize(
    ("about", "state", "why"),
    [
        ({"status": "false_alarm"}, "new", dispatching.FALSE_ALARM),
        ({"status": "false_alarm"}, "reopened", dispatching.FALSE_ALARM),
        ({"status": "false_alarm"}, "working", ""),
        ({"status": "duplicate"}, "new", dispatching.DUPLICATE),
        ({"status": "duplicate"}, "reopened", ""),
        (OVER, "new", dispatching.BY_ITSELF),
        (OVER, "reopened", ""),
        (OVER, "accepted", ""),
        ({**OVER, "resolved_by": "lan"}, "new", ""),
        ({}, "new", ""),
    ],
)
def test_only_what_nobody_accepted_is_taken_away(about: dict[str, Any], state: Any, why: str) -> None:
    assert dispatching.cancelled(incident(**about), ticket(state=state), POLICY) == why


def test_the_policy_says_whether_what_was_over_by_itself_still_needs_somebody() -> None:
    keeps = msgspec.structs.replace(POLICY, cancel_when_over=False)
    assert dispatching.cancelled(incident(**OVER), ticket(), keeps) == ""


def test_a_part_that_goes_on_takes_its_lead_along_from_a_duplicate_alone() -> None:
    lead, part = ticket(1), ticket(2, parent=ticket(1).id, state="accepted")
    policies = {1: POLICY}
    assert dispatching.left(incident(status="duplicate"), [lead, part], policies) == {}
    assert dispatching.left(incident(status="false_alarm"), [lead, part], policies).keys() == {lead.id}


def test_who_comes_in_is_named_by_the_route_and_has_no_ticket_yet() -> None:
    routed = Routed(unit="roads", task="thông đường", along=(Along(unit="power", task="cắt điện"),), why="")
    assert dispatching.further(routed, [ticket(unit="hoi-an")]) == (
        Along(unit="roads", task="thông đường"),
        Along(unit="power", task="cắt điện"),
    )
    assert dispatching.further(routed, [ticket(unit="roads", sender="power")]) == ()


def test_the_oldest_open_ticket_that_is_part_of_none_leads() -> None:
    some = [ticket(3), ticket(1, state="closed"), ticket(2), ticket(4, parent=ticket(2).id)]
    assert dispatching.lead_of(some) == some[2]
    assert dispatching.lead_of(some[1:2]) is None


def test_worse_is_only_what_is_worse_than_an_open_ticket() -> None:
    assert dispatching.worse(incident(severity="extreme"), ticket())
    assert not dispatching.worse(incident(severity="minor"), ticket())
    assert not dispatching.worse(incident(severity="extreme"), ticket(state="resolved"))
