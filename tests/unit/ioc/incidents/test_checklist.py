"""A copy of a procedure: who ticked what when is kept, and nobody's tick is overwritten."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ioc.incidents.checklist import MOST, Change, Changed, Item, Ticked, changed, copied, undone
from ioc.incidents.steps import Refused
from tests.fakes.things import NOW

ITEMS = (Item(item="warn", vi="Cảnh báo", en="Warn", required=True), Item(item="report", vi="Báo cáo", en="Report"))


def after(items: tuple[Ticked, ...], **change: object) -> tuple[Ticked, ...]:
    found = changed(items, Change(**{"item": "warn", "who": "lan", "at": NOW} | change))
    assert isinstance(found, Changed), found
    return found.items


def refused(items: tuple[Ticked, ...], **change: object) -> str:
    found = changed(items, Change(**{"item": "warn", "who": "minh", "at": NOW} | change))
    assert isinstance(found, Refused), found
    return found.en


def test_a_tick_says_who_and_when_and_is_nobody_else_s() -> None:
    ticked = after(copied(ITEMS), done=True, note="by siren")
    assert (ticked[0].done_by, ticked[0].done_at, ticked[0].note) == ("lan", NOW, "by siren")
    assert refused(ticked, done=True) == "lan did this step already, at 01:00:00 UTC 22/11/2026."
    assert undone(copied(ITEMS)) == ("Cảnh báo",)
    assert undone(ticked) == ()


def test_a_tick_can_be_taken_away() -> None:
    ticked = after(copied(ITEMS), done=True)
    assert after(ticked, done=False) == copied(ITEMS)
    assert "Nobody" in refused(copied(ITEMS), done=False)


def test_steps_are_added_reworded_and_dropped() -> None:
    more = after(copied(ITEMS), item="pumps", text="Gọi máy bơm")
    assert [one.item for one in more] == ["warn", "report", "pumps"]
    assert after(more, item="pumps", text="Gọi hai máy bơm")[2].vi == "Gọi hai máy bơm"
    assert after(more, item="pumps", drop=True) == copied(ITEMS)
    assert "no such step" in refused(more, item="other", drop=True)
    assert "no such step" in refused(more, item="other", done=True)


def test_a_change_that_changes_nothing_is_refused() -> None:
    assert "Nothing" in refused(copied(ITEMS))
    assert "Nothing" in refused(copied(ITEMS), text="Cảnh báo")


def test_a_copy_is_bounded() -> None:
    full = copied([Item(item=f"i{number}", vi="v", en="e") for number in range(MOST)])
    assert "take some out" in refused(full, item="one-more", text="x")


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from([None, True, False]), st.booleans()), max_size=12))
def test_every_change_tells_a_sentence_and_codes_stay_apart(script: list[tuple[str, bool | None, bool]]) -> None:
    items = copied(ITEMS)
    for number, (item, done, drop) in enumerate(script):
        at = NOW + dt.timedelta(seconds=number)
        found = changed(items, Change(item=item, who="lan", at=at, done=done, drop=drop, text="x"))
        if isinstance(found, Changed):
            assert found.told
            items = found.items
        assert len({one.item for one in items}) == len(items)
        assert all(bool(one.done_by) == (one.done_at is not None) for one in items)


@pytest.mark.parametrize("done", [True, None])
def test_what_is_added_may_be_done_already(done: bool | None) -> None:
    assert after((), item="x", text="Việc", done=done)[0].done_by == ("lan" if done else "")
