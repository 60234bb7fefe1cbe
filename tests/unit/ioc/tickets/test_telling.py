"""Facts about the words in which people are told of tickets."""

import datetime as dt
from typing import Any

import msgspec
import pytest

from ioc.incidents.severity import ORDER
from ioc.tickets import steps
from ioc.tickets.escalation import known_of, timers_of
from ioc.tickets.telling import SEVERITY, Saying, of_change, of_timer
from ioc.tickets.ticket import Ticket, line_of
from tests.fakes.escalations import NOON, POLICY, ticket


def said(before: Ticket, step: str, who: str = "lan", **more: Any) -> tuple[Saying, ...]:
    """What is said of a step."""
    ask = steps.Ask(step=step, who=who, at=NOON, why="chờ xe cẩu", text="đã thay ống", **more)
    taken = steps.take(before, ask, msgspec.structs.replace(known_of(POLICY, before), commands=True))
    assert isinstance(taken, steps.Taken), taken
    return of_change(before, taken.after, taken.lines, POLICY)


def test_every_severity_has_a_word() -> None:
    assert SEVERITY.keys() == set(ORDER)


def test_a_new_ticket_says_what_there_is_to_do_where_and_until_when() -> None:
    new = ticket(task="Thay ống DN200")
    [one] = of_change(None, new, (line_of(new, NOON, "system", "opened"),), POLICY)
    assert one.title == "Phiếu #7: Phiếu mới cho Cấp nước: Vỡ ống nước"
    assert one.title_en == "Ticket #7: New ticket for Water works: Burst pipe"
    assert one.body.splitlines() == [
        "Nơi: Hội An",
        "Mức độ: nghiêm trọng",
        "Việc cần làm: Thay ống DN200",
        "Nhận trước: 12:30 25/11/2026",
        "Xong trước: 14:00 25/11/2026",
    ]
    assert (one.whom, one.topic, one.what) == (("duty",), "ticket", "opened/1")


@pytest.mark.parametrize(
    ("state", "step", "more", "whom", "words"),
    [
        ("new", "forward", {"unit": "hoi-an"}, ("duty",), "Chuyển đến Trung tâm Hội An từ Cấp nước"),
        ("new", "refuse", {}, ("duty",), "Cấp nước từ chối, trả về Trung tâm Hội An"),
        ("accepted", "wait", {}, ("sender", "parent"), "Cấp nước tạm dừng để chờ"),
        ("working", "resolve", {}, ("sender", "parent"), "Cấp nước báo đã làm xong, đề nghị xác nhận"),
        ("resolved", "verify", {}, ("owner",), "Kết quả đã được xác nhận"),
        ("resolved", "reopen", {}, ("owner", "duty"), "Mở lại cho Cấp nước"),
        ("new", "cancel", {}, ("owner",), "Đã hủy, không cần làm nữa"),
        ("new", "assign", {"owner": "minh"}, ("owner", "team"), "Giao cho bạn"),
        ("working", "comment", {}, ("owner",), "Ý kiến mới"),
        ("working", "severity", {"severity": "extreme"}, ("owner", "duty"), "Mức độ nay là rất nghiêm trọng"),
    ],
)
def test_each_step_that_concerns_others_is_told_to_them(
    state: Any, step: str, more: dict[str, Any], whom: tuple[str, ...], words: str
) -> None:
    members = {"resolved_at": NOON} if state == "resolved" else {}
    [one] = said(ticket(state=state, **members), step, **more)
    assert (one.whom, one.but) == (whom, "lan")
    assert one.title == f"Phiếu #7: {words}: Vỡ ống nước"
    assert ("chờ xe cẩu" in one.body) == (step in ("forward", "refuse", "wait", "reopen", "cancel", "severity"))


@pytest.mark.parametrize(("state", "step"), [("new", "accept"), ("accepted", "start"), ("waiting", "resume")])
def test_what_goes_on_as_expected_is_told_to_nobody(state: Any, step: str) -> None:
    assert said(ticket(state=state), step) == ()


def test_the_third_refusal_says_that_it_went_up() -> None:
    [one] = said(ticket(bounces=2, unit="hoi-an", sender="cap-nuoc"), "refuse")
    assert "Chuyển qua lại nhiều lần, chuyển lên Trung tâm tỉnh" in one.title


def test_the_systems_own_moves_are_told_with_their_timer() -> None:
    assert said(ticket(), "up", who="system") == ()
    assert said(ticket(), "assign", who="system", owner="minh") == ()


@pytest.mark.parametrize(
    ("step", "minutes", "words", "english"),
    [
        ("10", 20, "Còn 10 phút để nhận", "10 min left to accept it"),
        ("10", 35, "Chưa ai nhận sau 35 phút", "Nobody accepted it within 35 min"),
        ("45", 75, "Sắp đến hạn, còn 45 phút", "Due soon, 45 min left"),
        ("plain/4", 120, "Quá hạn 0 phút", "Overdue by 0 min"),
        ("nag", 150, "Vẫn quá hạn 30 phút", "Still overdue by 30 min"),
        ("plain/4", 260, "Quá hạn 2 giờ 20 phút", "Overdue by 2 h 20 min"),
        ("plain/4", 120 + 3 * 1440, "Quá hạn 3 ngày", "Overdue by 3 days"),
    ],
)
def test_a_timer_says_how_it_is_at_the_moment(step: str, minutes: int, words: str, english: str) -> None:
    timer = next(one for one in timers_of(ticket(), POLICY) if one.step == step)
    one = of_timer(ticket(), ticket(), timer, POLICY, NOON + dt.timedelta(minutes=minutes))
    assert one.title == f"Phiếu #7: {words}: Vỡ ống nước"
    assert one.title_en == f"Ticket #7: {english}: Burst pipe"
    assert one.topic == ("escalation" if "/" in step else "reminder")


def test_a_timer_that_moves_a_ticket_says_where_it_is_now() -> None:
    timer = next(one for one in timers_of(ticket(), POLICY) if one.step == "plain/2")
    up = ticket(unit="hoi-an", sender="cap-nuoc")
    one = of_timer(ticket(), up, timer, POLICY, NOON + dt.timedelta(minutes=50))
    assert one.title.startswith("Phiếu #7: Chuyển lên Trung tâm Hội An: Chưa ai nhận sau 50 phút")
    assert one.whom == ("sender", "duty")


def test_what_is_done_and_not_verified_says_for_how_long() -> None:
    done = ticket(state="resolved", resolved_at=NOON)
    [timer] = timers_of(done, POLICY)
    one = of_timer(done, done, timer, POLICY, NOON + dt.timedelta(hours=2))
    assert one.title == "Phiếu #7: Báo làm xong 2 giờ trước, chưa ai xác nhận: Vỡ ống nước"
    assert one.title_en == "Ticket #7: Done 2 h ago, and nobody has verified it: Burst pipe"
