"""Mail as it is written: Vietnamese comes back as it was, and nothing that somebody wrote becomes a header."""

import datetime as dt
import email
import email.policy
from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ioc.tell.letter import LONGEST_SUBJECT, Letter, composed, message_id, one_line
from ioc.tell.mail_server import Sender

SENDER = Sender("IOC Quảng Nam, “trực ban”", "ioc@example.gov.vn")
AT = dt.datetime(2026, 11, 26, 1, 2, 3, tzinfo=dt.UTC)
NAMES = [
    "From", "To", "Subject", "Date", "Message-ID", "References", "Auto-Submitted", "Content-Language", "Content-Type",
    "Content-Transfer-Encoding", "MIME-Version",
]  # fmt: skip


def letter(**changed: Any) -> Letter:
    plain = {
        "id": "m1",
        "thread": "ticket-7",
        "to": "an@example.vn",
        "subject": "Ngập sâu ở Hội An",
        "text": "Xin chào",
        "at": AT,
    }
    return Letter(**plain | changed)


def read(raw: bytes) -> EmailMessage:
    found = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(found, EmailMessage)
    return found


def test_vietnamese_comes_back_as_it_was() -> None:
    raw = composed(letter(subject="Phiếu 17: đê bao vỡ ở xã Điện Thắng Trung – cần người ngay"), SENDER)
    found = read(raw)
    assert found["Subject"] == "Phiếu 17: đê bao vỡ ở xã Điện Thắng Trung – cần người ngay"
    assert found["From"].addresses[0].display_name == SENDER.name
    assert found["From"].addresses[0].addr_spec == "ioc@example.gov.vn"
    assert found.get_content() == "Xin chào\r\n"  # the canonical form of texts (RFC 2046, 4.1.1)
    assert found.get_content_type() == "text/plain"
    assert raw.isascii()


def test_a_machine_sent_it_and_again_it_is_the_same() -> None:
    found = read(composed(letter(), SENDER))
    assert found["Auto-Submitted"] == "auto-generated"
    assert found["Message-ID"] == "<m1@example.gov.vn>"
    assert found["References"] == "<thread-ticket-7@example.gov.vn>"
    assert found["Date"].datetime == AT
    assert composed(letter(), SENDER) == composed(letter(), SENDER)


def test_each_message_has_an_id_of_its_own_whatever_its_id_is() -> None:
    ids = ["m1", "m2", "a b", "a>b", "é", "x" * 200, "x" * 201, "a@b", ""]
    made = [message_id(one, "example.vn") for one in ids]
    assert len(set(made)) == len(ids)
    for one in made:
        assert one.isascii()
        assert len(one) < 100
        assert one.count("@") == one.count("<") == one.count(">") == 1


NASTY = st.text(
    st.sampled_from(list('abc ạế🌊\r\n\t\0\x0b\x0c\x1c\x85\u2028\u2029\ud800:<>"\\@,;=?_()[].')), max_size=120
)


@given(NASTY, NASTY, NASTY, NASTY)
@example("x\r\nBcc: all@example.vn", "\r\n\r\nhello", "a\r\nb", "\r\n.\r\nMAIL FROM:<x>")
@example("=?utf-8?q?=0D=0ABcc=3A_x=40y?=", "a", "a", "a")
def test_no_text_becomes_a_header_or_ends_the_message(subject: str, name: str, id: str, text: str) -> None:  # noqa: A002
    sender = Sender(name, SENDER.mailbox)
    raw = composed(letter(subject=subject, id=id, thread=name, text=text), sender)
    head, _, body = raw.partition(b"\r\n\r\n")
    assert b"\r\n.\r\n" not in raw
    assert b"\r" not in raw.replace(b"\r\n", b"")
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))
    found = read(raw)
    names = [name for name in NAMES if name != "References" or found["References"]]
    assert sorted(found.keys()) == sorted(names)
    assert body.isascii()
    assert not found.is_multipart()
    lines = [line for line in head.split(b"\r\n") if not line.startswith((b" ", b"\t"))]
    assert len(lines) == len(names)


@given(st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), max_size=150))
def test_a_subject_comes_back_as_it_was(subject: str) -> None:
    wanted = one_line(subject)
    assert " ".join(str(read(composed(letter(subject=subject), SENDER))["Subject"]).split()) == wanted


def test_a_long_subject_ends_in_an_ellipsis() -> None:
    said = one_line("ạ" * 500)
    assert len(said) == LONGEST_SUBJECT
    assert said.endswith("…")


@pytest.mark.parametrize("to", ["", "an", "a@b.vn\r\nRCPT TO:<x@y>", "a@b.vn, c@d.vn", "an@hội-an.vn", "<a@b.vn>"])
def test_a_mailbox_that_is_none_is_refused(to: str) -> None:
    with pytest.raises(ValueError, match="no mailbox"):
        composed(letter(to=to), SENDER)
