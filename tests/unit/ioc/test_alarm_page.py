"""A page of alarms beside what is kept of them."""

import datetime as dt

import msgspec
import pytest

from ioc.alarm_page import Page, news
from ioc.incidents.alarm import Alarm
from tests.fakes.things import NOW, alarm

LATER = NOW + dt.timedelta(minutes=1)
KEPT = alarm(incident="i", match="linked")


def entered(kept: Alarm, **changed: object) -> Page:
    page = Page(stored={kept.id: kept})
    page.enter(msgspec.structs.replace(kept, incident=None, match="", **changed), LATER)
    return page


def test_what_nobody_kept_is_new_and_what_is_kept_stays_where_a_person_may_have_put_it() -> None:
    page = Page(stored={})
    page.enter(alarm(), LATER)
    assert (page.new, page.old) == ([alarm()], [])
    page = entered(KEPT, count=2, seen_at=LATER)
    assert page.new == []
    assert page.old == [msgspec.structs.replace(KEPT, count=2, seen_at=LATER)]
    assert page.stirred == {}


@pytest.mark.parametrize("match", ["", "history", "silenced"])
def test_what_belongs_nowhere_and_holds_is_asked_again(match: str) -> None:
    kept = alarm(match=match)
    assert len(entered(kept, seen_at=LATER).new) == 1
    assert len(entered(kept, seen_at=LATER, cleared_at=LATER).old) == 1


def test_an_end_stirs_what_followed_it_and_a_beginning_that_moved_is_folded_again() -> None:
    page = entered(KEPT, seen_at=LATER, cleared_at=LATER)
    assert (page.renewed, page.again) == ({"i"}, [])
    assert page.stirred == {"i": LATER + dt.timedelta(microseconds=1)}
    page = entered(KEPT, raised_at=LATER, seen_at=LATER)
    assert (page.rebuilt, page.stirred) == ({"i"}, {"i": NOW})
    assert len(page.again) == 1


def test_what_was_withdrawn_is_not_placed_again() -> None:
    page = entered(KEPT, cleared_at=NOW, evidence={"withdrawn": True})
    assert (page.again, page.rebuilt) == ([], {"i"})


def test_people_are_told_what_is_new_and_not_what_a_parent_explains() -> None:
    page = Page(stored={})
    fresh, hidden = alarm(1, incident="i"), alarm(2, incident="i", match="suppressed")
    assert page.told([fresh, hidden], {}) == [fresh]
    assert news(None, fresh)
    assert not news(fresh, msgspec.structs.replace(fresh, count=2, seen_at=LATER))


def test_what_was_taken_back_before_anybody_heard_of_it_opens_nothing() -> None:
    page = Page(stored={})
    page.enter(alarm(cleared_at=NOW, evidence={"withdrawn": True}), LATER)
    assert (page.new, [one.match for one in page.old]) == ([], ["history"])
    assert page.told([], {}) == []


def test_what_says_that_it_begins_tomorrow_began_when_it_was_told() -> None:
    page = Page(stored={})
    page.enter(alarm(raised_at=NOW + dt.timedelta(days=1)), NOW)
    assert [one.raised_at for one in page.new] == [NOW]
    page = Page(stored={KEPT.id: KEPT})
    page.enter(alarm(raised_at=NOW + dt.timedelta(days=1)), LATER)
    assert (page.again, [one.raised_at for one in page.old]) == ([], [NOW])
