"""What one turn has come to; whole journeys are tried in tests/integration/test_desk*.py."""

import datetime as dt

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


def test_a_page_knows_from_when_on_a_part_was_judged() -> None:
    page, later = Page({}, {}), NOW + dt.timedelta(minutes=1)
    for since in (later, NOW, later):
        page.changed("test/wet:slope:soil", since)
    assert (page.parts, page.since) == ({"test/wet:slope:soil"}, {"test/wet:slope:soil": NOW})
