"""The table of timers is described once, and has the key that makes a timer the same."""

from ioc.store.tables_timers import TICKET_TIMERS
from ioc.tickets.escalation import Timer


def test_the_key_of_a_row_is_that_of_a_timer_of_a_ticket() -> None:
    key = [column.name for column in TICKET_TIMERS.primary_key]
    assert key == ["ticket", *(name for name in Timer.__struct_fields__ if name != "at")]
