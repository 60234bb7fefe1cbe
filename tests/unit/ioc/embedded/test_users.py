"""The broker's users."""

import base64
import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ioc.embedded import users


@given(st.text(min_size=1).filter(lambda key: "\0" not in key))
def test_a_line_holds_name_salt_and_a_hash_that_the_key_gives(key: str) -> None:
    """Mosquitto's own form: $7$iterations$salt$hash, PBKDF2-SHA512 of 64 bytes, salted anew each time."""
    written = users.line("gauge-one", key)
    name, rest = written.rstrip("\n").split(":")
    _, kind, rounds, salt, digest = rest.split("$")
    assert (name, kind, rounds) == ("gauge-one", "7", "101")
    made = hashlib.pbkdf2_hmac("sha512", key.encode(), base64.b64decode(salt), 101)
    assert hmac.compare_digest(made, base64.b64decode(digest))
    assert users.line("gauge-one", key) != written


@pytest.mark.parametrize("name", ["", "+", "#", "a", "Gauge", "gauge:one", "gauge\nroot", "gauge/one", "a" * 64])
def test_a_name_that_is_no_code_is_refused(name: str) -> None:
    """It would be a wildcard of the access file, or a second line of the password file."""
    with pytest.raises(ValueError, match="cannot sign in at the broker"):
        users.line(name, "key")


def test_the_file_has_a_line_for_each_user_in_order() -> None:
    """Order makes two files comparable."""
    lines = users.password_file({"gauge-two": "b", "gauge-one": "a"}).splitlines()
    assert [line.split(":")[0] for line in lines] == ["gauge-one", "gauge-two"]


def test_a_gateway_reads_the_receipts_of_its_devices_and_writes_nothing_more() -> None:
    """Literal topics under its own name; what is common to all stays as it is."""
    text = users.access_file({"gateway-a": [("quang-nam", "gauge-b"), ("quang-nam", "gauge-a")]})
    assert text.removeprefix(users.ACCESS) == (
        "\nuser gateway-a\ntopic read ioc/v1/quang-nam/gauge-a/receipts\ntopic read ioc/v1/quang-nam/gauge-b/receipts\n"
    )
    assert users.access_file({}) == users.ACCESS


@pytest.mark.parametrize(
    "behind", [{"+": []}, {"gateway-a": [("#", "gauge-a")]}, {"gateway-a": [("quang-nam", "a/b\nuser root")]}]
)
def test_what_is_no_code_opens_no_topic(behind: users.Behind) -> None:
    """A wildcard or a line break would."""
    with pytest.raises(ValueError, match="cannot stand in a topic"):
        users.access_file(behind)
