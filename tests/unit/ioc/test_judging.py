"""What one turn has come to; whole journeys are tried in tests/integration/test_desk*.py."""

from ioc.judging import Page
from tests.fakes.things import NOW, alarm


def test_a_page_holds_what_is_open_and_forgets_what_was_cleared() -> None:
    page = Page({}, {})
    page.write(alarm())
    assert page.held == {alarm().key: alarm()}
    cleared = alarm(cleared_at=NOW)
    page.write(cleared)
    assert (page.held, page.touched) == ({}, {cleared.id: cleared})


def test_an_older_alarm_of_a_key_that_ends_leaves_the_one_that_holds() -> None:
    page = Page({alarm().key: alarm()}, {})
    page.write(alarm(2, key=alarm().key, cleared_at=NOW))
    assert page.held == {alarm().key: alarm()}
