"""The settings of mail: what can be used, and refusals that repeat no password."""

import pytest

from ioc.tell.mail_server import MAILBOX, MailServer, Sender


@pytest.mark.parametrize(
    ("text", "server"),
    [
        (
            "smtps://ioc:p%40ss@mail.example.vn",
            MailServer(host="mail.example.vn", port=465, way="tls", user="ioc", password="p@ss"),
        ),
        (
            "smtp://ioc:x@10.20.0.9:2525/",
            MailServer(host="10.20.0.9", port=2525, way="starttls", user="ioc", password="x"),
        ),
        ("smtp://relay.local", MailServer(host="relay.local", port=587, way="starttls")),
        ("smtp+plain://relay.local", MailServer(host="relay.local", port=25, way="plain")),
        ("smtps://[2001:db8::1]", MailServer(host="2001:db8::1", port=465, way="tls")),
    ],
)  # fmt: skip
def test_an_address_is_read(text: str, server: MailServer) -> None:
    assert MailServer.parse(text) == server


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "smtps://host"), ("mail.example.vn", "smtps://host"), ("http://x", "smtps://host"),
        ("smtps://", "nothing behind it"), ("smtps://h/inbox", "nothing behind it"),
        ("smtps://h?x", "nothing behind it"),
        ("smtps://h:99999", "65535"), ("smtps://h\r\n", "nothing behind it"),
        ("smtp+plain://u:hunter2@h", "never goes"), ("smtps://user@h", "or neither"),
        ("smtps://:hunter2@h", "or neither"),
    ],
)  # fmt: skip
def test_an_address_that_cannot_be_used_is_refused_without_its_password(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why) as refusal:
        MailServer.parse(text)
    assert "hunter2" not in str(refusal.value)


def test_a_server_is_never_printed_with_its_password() -> None:
    server = MailServer.parse("smtps://ioc:hunter2@mail.example.vn")
    assert f"{server} {server!r}" == "MailServer(mail.example.vn:465, tls) MailServer(mail.example.vn:465, tls)"


def test_a_sender_has_a_name_and_a_mailbox() -> None:
    assert Sender.parse("IOC Quảng Nam <ioc@example.gov.vn>") == Sender("IOC Quảng Nam", "ioc@example.gov.vn")
    assert Sender.parse("ioc@example.gov.vn") == Sender("", "ioc@example.gov.vn")
    assert Sender.parse(" <ioc@example.gov.vn> ").domain == "example.gov.vn"


@pytest.mark.parametrize(
    "text", ["", "IOC", "a@b@c", "x <a@b", "x\r\nBcc: y <a@b.vn>", '"x" <a@b.vn>', "x <a b@c.vn>", "é@b.vn", "a@é.vn"]
)
def test_a_sender_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="give a mailbox"):
        Sender.parse(text)


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("an@example.vn", True), ("an.binh+ioc@sub.example.vn", True), ("an@localhost", True),
        ("a" * 64 + "@b.vn", True),
        ("a" * 65 + "@b.vn", False), ("@b.vn", False), ("a@", False), ("a@-b.vn", False), ("a..b@c.vn", False),
        (".a@b.vn", False), ("a@b.vn\r\nx", False), ("a@b.vn>", False), ("a@b.vn\n", False), ("a,b@c.vn", False),
        ("<a@b.vn>", False), ("a b@c.vn", False), ("a@b..vn", False), ("a\x00@b.vn", False),
    ],
)  # fmt: skip
def test_a_mailbox_can_end_neither_a_line_nor_an_address(text: str, good: bool) -> None:
    assert bool(MAILBOX.match(text)) is good
