"""Where a person can be reached."""

import re

import pytest

from ioc.tell.contact import Contact, Way, masked
from ioc.tell.mail_server import MAILBOX
from ioc.tell.order import Hop
from ioc.tell.template import PHONE

LAN = Contact(
    recipient="lan",
    ways=(
        Way(channel="push"),
        Way(channel="mail", address="lan@example.vn"),
        Way(channel="sms", address="+84905000111", least="severe"),
    ),
)


def test_channels_come_in_the_person_s_order_and_from_the_least_severity_on() -> None:
    assert LAN.route("moderate") == (Hop("push", "lan"), Hop("mail", "lan@example.vn"))
    assert LAN.route("extreme") == (*LAN.route("moderate"), Hop("sms", "+84905000111"))


def test_an_endpoint_is_its_own_channel() -> None:
    assert Contact(recipient="@so-giao-thong").route("minor") == (Hop("webhook", "so-giao-thong"),)


@pytest.mark.parametrize(
    ("channel", "address", "shown"),
    [
        ("mail", "lan.nguyen@example.vn", "l…@example.vn"),
        ("sms", "+84905000111", "+84…111"),
        ("zalo", "+8490", "…"),
        ("webhook", "so-giao-thong", "so-giao-thong"),
        ("push", "lan", "lan"),
    ],
)
def test_an_address_is_shown_so_that_it_cannot_be_used(channel: str, address: str, shown: str) -> None:
    assert masked(channel, address) == shown


@pytest.mark.parametrize("address", ["a@b", "lan.nguyen+x@example.vn"])
def test_mailboxes(address: str) -> None:
    assert re.match(MAILBOX, address)


@pytest.mark.parametrize("address", ["lan", "a@b@c", "a b@c.vn", "a@c.vn\n", "<a@c.vn>", "@c.vn", "a@-c.vn"])
def test_what_is_no_mailbox(address: str) -> None:
    assert not re.fullmatch(MAILBOX, address)


def test_telephone_numbers_are_international() -> None:
    assert re.fullmatch(PHONE, "+84905000111")
    assert not re.fullmatch(PHONE, "0905000111")
