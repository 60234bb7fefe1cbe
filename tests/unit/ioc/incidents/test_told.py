"""What people tell, as alarms: pure, in whatever order, and again."""

import datetime as dt
import itertools
import random
import time

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.observation import Notice
from ioc import catalogue
from ioc.incidents.alarm import Alarm
from ioc.incidents.told import (
    Thread,
    ends,
    lapsed,
    means,
    notice_key,
    report_alarm,
    report_key,
    thread_alarms,
    thread_keys,
)
from tests.fakes.tellers import MINUTE, name, notice, report
from tests.fakes.things import NOW

WORDING = catalogue.wording()


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("Nước ngập nửa mét ở kiệt 5", "flood"),
        ("nuoc NGAP tan mai nha", "flood"),
        ("Sạt lở, ngập bùn trên quốc lộ 40B", "landslide"),
        ("sat lo duong len Tra Leng", "landslide"),
        ("Thông báo về việc cúp điện", "power"),
        ("thong bao cup dien", "power"),
        ("Báo động giả", "other"),
        ("Bão số 12 đang vào bờ", "storm"),
        ("Thủy điện A Vương xả lũ 1000 m3/s", "dam"),
        ("Cháy nhà ở Hội An", "fire"),
        ("Flash Flood Watch", "landslide"),
        ("FLOOD WARNING", "flood"),
        ("Severe Thunderstorm", "storm"),
        ("bộ bàn ghế", "other"),
        ("", "other"),
    ],
)
def test_a_text_is_of_the_category_whose_words_it_holds(text: str, category: str) -> None:
    assert WORDING.category_of(text) == category


def test_where_no_word_is_found_the_categories_of_cap_decide() -> None:
    assert WORDING.category_of("AQW", ["Nothing", "ENV", "Fire"]) == "environment"
    assert WORDING.category_of("AQW", ["Nothing"]) == "other"


def test_the_shipped_words_and_categories_belong_together() -> None:
    found = {one.category for one in WORDING.words} | set(WORDING.cap.values())
    assert found <= set(WORDING.titles)
    assert len({one.category for one in WORDING.words}) == len(WORDING.words)


@given(st.text())
def test_whatever_is_written_has_a_category(text: str) -> None:
    assert WORDING.category_of(text) in WORDING.titles


def test_a_report_is_an_alarm_until_it_is_withdrawn() -> None:
    told = report(photos=("p1", "p2"), numbers=("1022:1",), error_m=70.0)
    alarm = report_alarm(told, None, WORDING, "Xã Đại Lộc")
    assert alarm is not None
    assert (alarm.key, alarm.source_kind, alarm.cleared_at) == (report_key("1022", "1"), "citizen", None)
    assert (alarm.title, alarm.numbers, alarm.error_m) == ("Người dân báo: Ngập lụt – Xã Đại Lộc", ("1022:1",), 70.0)
    assert (alarm.evidence["report"], alarm.evidence["picture"]) == (told.id, "p1")
    assert told.text not in str(alarm)
    assert report_alarm(told, alarm, WORDING, "") is None
    gone = msgspec.structs.replace(told, withdrawn_at=NOW + MINUTE)
    after = report_alarm(gone, alarm, WORDING, "")
    assert after is not None
    assert after.cleared_at == NOW + MINUTE
    assert report_alarm(gone, after, WORDING, "") is None
    assert report_alarm(told, after, WORDING, "") is None
    assert report_alarm(gone, None, WORDING, "") is None


def test_a_reference_names_by_sender_or_moment_and_binds_only_one_s_own() -> None:
    first = notice("a")
    own = notice("b", 1)
    assert means(own, name("a"), first)
    assert means(own, name("a", 5), first)
    assert means(own, name("a", 0, "KTTV"), first)
    assert not means(own, name("a", 5, "KTTV"), first)
    assert not means(own, name("b"), first)
    stranger = notice("b", 1, sender="x@y.vn")
    assert not means(stranger, name("a"), first)
    assert means(notice("b", 1, sender="x@y.vn", feed="kttv-feed"), name("a"), notice("a", feed="kttv-feed"))


def told(thread: list[Notice], minutes: float = 10) -> list[Alarm]:
    """The alarms of a thread whose notices are looked at one after the other, as they came."""
    saved: dict[str, Alarm] = {}
    for number in range(len(thread)):
        known = list({one.id: one for one in thread[: number + 1]}.values())
        for after in thread_alarms(known, list(saved.values()), NOW + minutes * MINUTE, WORDING):
            saved[after.id] = after
    return list(saved.values())


LIFE = [
    notice("a", 0, severity="moderate"),
    notice("b", 2, kind="update", references=(name("a"),), severity="extreme"),
    notice("c", 4, kind="update", references=(name("a"), name("b", 2)), severity="minor"),
]


@pytest.mark.parametrize(
    "order", list(itertools.permutations(LIFE)), ids=lambda one: "".join(n.identifier for n in one)
)
def test_the_same_alarm_comes_of_updates_in_any_order(order: list[Notice]) -> None:
    [alarm] = told(list(order))
    assert (alarm.key, alarm.severity, alarm.raised_at) == (notice_key("dai@kttv.vn", "a"), "minor", NOW)
    assert (alarm.seen_at, alarm.count, alarm.title) == (NOW + 4 * MINUTE, 3, "Cảnh báo lũ c")
    assert told([*order, *order]) == told(list(order))


@given(st.randoms(use_true_random=False), st.integers(2, 9), st.booleans())
def test_a_long_chain_has_one_holding_alarm_at_most_and_none_once_it_is_cancelled(
    chance: random.Random, length: int, cancelled: bool
) -> None:
    """Each update names all before it; the order is any."""
    chain = [notice("n0", 0)]
    for number in range(1, length):
        names = tuple(one.reference for one in chain)
        kind = "cancel" if cancelled and number == length - 1 else "update"
        chain.append(notice(f"n{number}", number, kind=kind, references=names))
    chance.shuffle(chain)
    holding = [one for one in told(chain, minutes=20) if one.cleared_at is None]
    assert len(holding) == (0 if cancelled else 1)
    if not cancelled:
        assert holding[0].title == f"Cảnh báo lũ n{length - 1}"


def test_what_is_sent_again_later_replaces_what_was_sent() -> None:
    first, second = notice("a"), notice("a", 3, severity="minor")
    thread = Thread([second, first])
    assert thread.speaking() == second
    assert thread.replaced_by(first) == second
    assert thread.replaced_by(second) is None


def test_a_thread_of_hundreds_that_name_hundreds_is_looked_through_once() -> None:
    names = tuple(name(f"n{number}", number) for number in range(400))
    chain = [notice(one.identifier, n, kind="update", references=names[:n]) for n, one in enumerate(names)]
    begun = time.perf_counter()
    thread = Thread(chain)
    assert [thread.replaced_by(one) for one in chain] == [*[chain[-1]] * 399, None]
    assert thread.speaking() == chain[-1]
    assert time.perf_counter() - begun < 5


def test_a_notice_ends_by_what_it_says_or_by_what_is_usual() -> None:
    assert ends(notice(), WORDING) == NOW + dt.timedelta(hours=3)
    assert ends(notice(expires=None), WORDING) == NOW + dt.timedelta(hours=30)
    assert ends(notice(expires=None, onset=NOW + MINUTE), WORDING) == NOW + dt.timedelta(hours=30, minutes=1)
    [alarm] = told([notice()])
    assert lapsed(alarm, NOW + dt.timedelta(hours=2)) is None
    over = lapsed(alarm, NOW + dt.timedelta(hours=5))
    assert over is not None
    assert over.cleared_at == NOW + dt.timedelta(hours=3)


def test_only_notices_lapse() -> None:
    alarm = report_alarm(report(), None, WORDING, "")
    assert alarm is not None
    assert lapsed(alarm, NOW + dt.timedelta(days=900)) is None


def test_an_update_that_comes_after_the_end_is_an_alarm_of_its_own() -> None:
    first = notice("a")
    [ended] = told([first])
    ended = msgspec.structs.replace(ended, cleared_at=NOW + dt.timedelta(hours=3))
    later = notice("b", 300, kind="update", references=(name("a"),))
    [new] = thread_alarms([first, later], [ended], NOW + dt.timedelta(hours=5), WORDING)
    assert (new.id, new.raised_at, new.cleared_at) == (later.id, later.stamp.at, None)
    receipt = notice("r", 301, kind="ack", references=(name("a"),))
    assert thread_alarms([first, receipt], [ended], NOW + MINUTE, WORDING) == []


def test_what_its_severity_is_not_known_of_counts_as_usual_and_is_kept_as_told() -> None:
    [alarm] = told([notice(severity="unknown")])
    assert (alarm.severity, alarm.evidence["severity"]) == (WORDING.unsaid.notice_severity, "unknown")


def test_an_alarm_that_another_thread_speaks_of_is_left_alone() -> None:
    [alarm] = told([notice("a")])
    assert thread_alarms([notice("x", 1, kind="cancel", references=(name("a"),))], [alarm], NOW, WORDING) == []


def test_keys_are_of_one_s_own_notices_the_oldest_first() -> None:
    update = notice("c", 4, references=(name("b", 2), name("a"), name("z", -5, "x@y.vn")))
    assert thread_keys([update]) == [notice_key("dai@kttv.vn", one) for one in ("a", "b", "c")]
