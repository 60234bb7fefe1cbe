"""What the routes about tickets take and answer."""

import msgspec
import pytest

from ioc.api.models_tickets import AssignStep, CommentStep, NewTicket, TicketOf, TicketRecord, TicketStep
from ioc.tickets.ticket import Ticket


def test_a_ticket_is_told_by_the_names_of_its_fields() -> None:
    assert set(Ticket.__struct_fields__) <= set(TicketOf.__struct_fields__)
    assert set(TicketOf.__struct_fields__) - set(Ticket.__struct_fields__) == {"late", "unit_name", "unit_name_en"}
    more = set(TicketRecord.__struct_fields__) - set(TicketOf.__struct_fields__)
    assert more == {"subs", "log", "photos", "steps"}


@pytest.mark.parametrize(
    ("model", "body"),
    [
        (TicketStep, b'{"why": "x"}'),
        (TicketStep, b'{"expected_version": -1}'),
        (TicketStep, b'{"expected_version": 1, "state": "closed"}'),
        (TicketStep, b'{"expected_version": 1, "made_at": "2026-01-01T00:00:00"}'),
        (TicketStep, b'{"expected_version": 1, "photos": ["x"]}'),
        (AssignStep, b'{"expected_version": 1, "owner": 5}'),
        (NewTicket, b'{"incident": "x"}'),
    ],
)
def test_what_does_not_fit_is_refused(model: type, body: bytes) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(body, type=model)


def test_what_an_assignment_leaves_out_is_not_what_it_empties() -> None:
    asked = msgspec.json.decode(b'{"expected_version": 1, "owner": ""}', type=AssignStep)
    assert (asked.owner, asked.team) == ("", None)
    assert msgspec.json.decode(b'{"text": "x", "made_at": null}', type=CommentStep).expected_version is None
