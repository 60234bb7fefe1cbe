"""Tickets as features of the map, made of the objects in hand.

The same as what `ioc/store/layers.py` reads back of their rows; a test holds both equal.
"""

from typing import Any

from gis.layers import TICKETS, feature
from ioc.tickets.ticket import Ticket

_SAME = tuple(field.name for field in TICKETS.fields if field.name in Ticket.__struct_fields__)


def ticket_feature(ticket: Ticket) -> dict[str, Any]:
    """The feature of a ticket."""
    row = {name: getattr(ticket, name) for name in _SAME}
    row["lon"], row["lat"] = ticket.position.lon, ticket.position.lat
    return feature(TICKETS, row)
