"""A message in the words of its recipient."""

import datetime as dt
from typing import Any

from ioc.tell.wording import EVERYTHING, Envelope, Spoken, message_of
from tests.fakes.telling import AT


def spoken(title: str = "Phiếu 1", **about: Any) -> Spoken:
    plain: dict[str, Any] = {
        "thread": title, "topic": "ticket", "severity": "minor", "title": title,
        "title_en": title.replace("Phiếu", "Ticket"),
        "body": "Nhận trước 09:00.", "body_en": "Accept by 09:00.", "link": "/inbox#1", "ticket": "t", "incident": None,
        "at": AT,
    }  # fmt: skip
    return Spoken(**plain | about)


def envelope(**about: Any) -> Envelope:
    plain: dict[str, Any] = {
        "id": "m", "recipient": "lan", "language": "vi", "severity": "minor", "repeats": False, "created": AT,
    }  # fmt: skip
    return Envelope(**plain | about)


def test_one_thing_is_told_by_its_own_words_and_leads_to_it() -> None:
    found = message_of(envelope(), [spoken()], 1, receipt="/api/v1/receipts/x")
    assert (found.subject, found.text, found.link, found.thread, found.more) == (
        "Phiếu 1", "Phiếu 1\nNhận trước 09:00.", "/inbox#1", "Phiếu 1", 0,
    )  # fmt: skip
    assert (found.receipt, found.created, found.items[0].ticket) == ("/api/v1/receipts/x", AT, "t")


def test_english_is_told_in_english_and_falls_back() -> None:
    found = message_of(envelope(language="en"), [spoken(), spoken("Phiếu 2", title_en="", body_en="")], 2)
    assert found.subject == "Ticket 1 (and 1 more)"
    assert "Phiếu 2\nNhận trước 09:00." in found.text


def test_the_worst_comes_first_and_what_finds_no_room_is_counted() -> None:
    some = [spoken(), spoken("Phiếu 2", severity="severe", topic="escalation", at=AT + dt.timedelta(hours=1))]
    found = message_of(envelope(severity="severe"), some, 9)
    assert found.subject == "Phiếu 2 (và 8 việc khác)"
    assert (found.more, found.link, found.topic, found.thread) == (7, EVERYTHING, "escalation", "to:lan")
    assert found.text.endswith("Còn 7 việc khác, xem trong trang.")


def test_what_is_said_again_or_extreme_says_so_in_one_line() -> None:
    found = message_of(envelope(repeats=True, severity="extreme"), [spoken("Phiếu 1\nvỡ đê")], 1)
    assert found.subject == "[KHẨN] Vẫn chưa xong: Phiếu 1 vỡ đê"


def test_the_same_words_come_of_the_same_things_in_any_order() -> None:
    some = [spoken(f"Phiếu {n}", at=AT + dt.timedelta(seconds=n)) for n in range(5)]
    assert message_of(envelope(), some, 5) == message_of(envelope(), some[::-1], 5)
