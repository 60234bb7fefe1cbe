"""Endpoints: what can be used, secrets that are never printed, and a day in which two of them are good."""

import datetime as dt
from typing import Any

import pytest

from ioc.tell.endpoint import CODE, ROTATION, EndpointError, checked
from ioc.tell.signing import key_of
from ioc.tell.template import Template
from tests.fakes.stations import SECRET, endpoint, gateway

NOW = dt.datetime(2026, 11, 26, 1, 0, tzinfo=dt.UTC)
NEW = "whsec_" + "QUJD" * 12
MAIL: dict[str, Any] = {"kind": "mail", "address": "to@example.vn", "secret": ""}


@pytest.mark.parametrize(
    ("changed", "member"),
    [
        ({"address": ""}, "address"), ({"address": "ftp://x/"}, "address"), ({"address": "https://u:p@x/"}, "address"),
        ({"address": "https://x/#a"}, "address"), ({"address": "https://x/ a"}, "address"),
        ({"address": "https://x/\r\n"}, "address"), ({"address": "https://[x/"}, "address"),
        ({"address": "https://đ.vn/"}, "address"), ({"secret": ""}, "secret"), ({"secret": "hunter2"}, "secret"),
        ({"template": Template(url="https://x.test/")}, "template"),
        (MAIL | {"address": "to"}, "address"), (MAIL | {"secret": "hunter2"}, "secret"),
        (MAIL | {"address": "a@b.vn\r\nBcc: c@d.vn"}, "address"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_named_without_its_secret(changed: dict[str, Any], member: str) -> None:
    with pytest.raises(EndpointError) as refusal:
        checked(endpoint(**changed))
    assert refusal.value.member == member
    assert str(refusal.value)
    assert "hunter2" not in str(refusal.value)


@pytest.mark.parametrize(
    ("changed", "member"),
    [
        ({"template": None}, "template"), ({"address": "0901234567"}, "address"), ({"address": "+"}, "address"),
        ({"address": "+1"}, "address"),
        ({"secret": "a\r\nb"}, "secret"), ({"secret": "é"}, "secret"),
        ({"template": Template(url="ftp://x/")}, "template"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_of_a_gateway_is_named(changed: dict[str, Any], member: str) -> None:
    with pytest.raises(EndpointError) as refusal:
        checked(gateway("https://sms.test", **changed))
    assert refusal.value.member == member


def test_what_can_be_used_is_not_refused() -> None:
    for one in (
        endpoint(), endpoint(kind="channel", code="1022"), endpoint(**MAIL), gateway("https://sms.test"),
        gateway("http://10.20.0.9:8080", address="+84901234567", secret=""),
    ):  # fmt: skip
        checked(one)


def test_it_is_never_printed_with_its_secrets() -> None:
    one = endpoint(old_secret=NEW, old_until=NOW)
    assert f"{one} {one!r}" == "Endpoint(webhook so-nnmt) Endpoint(webhook so-nnmt)"


def test_for_a_day_the_secret_before_is_good_too() -> None:
    one = endpoint().rotated(NEW, NOW)
    assert one.keys(NOW) == [key_of(NEW), key_of(SECRET)]
    assert one.keys(NOW + ROTATION - dt.timedelta(seconds=1)) == [key_of(NEW), key_of(SECRET)]
    assert one.keys(NOW + ROTATION) == [key_of(NEW)]
    assert one.rotated(NEW, NOW + dt.timedelta(hours=1)) == one, "the same one again changes nothing"


def test_a_first_secret_replaces_none() -> None:
    one = endpoint(secret="").rotated(NEW, NOW)
    assert (one.old_secret, one.old_until) == ("", None)
    assert one.keys(NOW) == [key_of(NEW)]


@pytest.mark.parametrize(
    ("code", "good"), [("1022", True), ("so-nnmt", True), ("", False), ("-a", False), ("A", False), ("a\n", False)]
)
def test_a_code_is_a_plain_word(code: str, good: bool) -> None:
    assert bool(CODE.match(code)) is good
