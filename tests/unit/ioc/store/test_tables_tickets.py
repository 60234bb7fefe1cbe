"""The descriptions of tickets; their columns are compared with the migrated ones elsewhere."""

from ioc.store.tables import METADATA
from ioc.store.tables_tickets import TICKET_LOG, TICKET_STAYS, TICKETS
from ioc.tickets.ticket import Line, Ticket


def test_they_are_among_the_described_tables() -> None:
    for table in (TICKETS, TICKET_LOG, TICKET_STAYS):
        assert METADATA.tables[table.name] is table


def test_everything_of_a_ticket_and_of_a_line_has_its_column() -> None:
    assert set(Ticket.__struct_fields__) - {"position"} <= {column.name for column in TICKETS.columns}
    assert set(Line.__struct_fields__) <= {column.name for column in TICKET_LOG.columns}
