"""Signatures of webhooks: the layout of Standard Webhooks, two secrets at once, and what a receiver refuses."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ioc.tell.signing import TOLERANCE_S, SignatureError, headers, key_of, signature, verify

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OLD = "whsec_" + base64.b64encode(b"o" * 32).decode()
AT = 1_614_265_330


def test_the_published_example_is_signed_in_the_same_way() -> None:
    """The example that the libraries of Standard Webhooks are tested with."""
    body = b'{"test": 2432232314}'
    told = signature("msg_p5jXN8AQM9LWM0D4loKWxJek", AT, body, key_of(SECRET))
    assert told == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@given(st.binary(max_size=200), st.integers(0, 2**40), st.from_regex(r"[A-Za-z0-9_-]{1,40}", fullmatch=True))
def test_a_signed_request_is_known_by_either_secret(body: bytes, at: int, id: str) -> None:  # noqa: A002
    told = headers(id, at, body, [key_of(SECRET), key_of(OLD)])
    for keys in ([key_of(SECRET)], [key_of(OLD)]):
        assert verify(told, body, keys, at + TOLERANCE_S) == id


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"webhook-id": "other"}, "no signature"),
        ({"webhook-timestamp": str(AT + 1)}, "no signature"),
        ({"webhook-timestamp": "soon"}, "no number"),
        ({"webhook-timestamp": str(AT - TOLERANCE_S - 1)}, "differs from the clock"),
        ({"webhook-timestamp": str(AT + TOLERANCE_S + 1)}, "differs from the clock"),
        ({"webhook-signature": ""}, "no signature"),
        ({"webhook-signature": "v1,AAAA v1a,é"}, "no signature"),
    ],
)
def test_a_request_that_was_changed_is_refused(changed: dict[str, str], why: str) -> None:
    told = headers("m1", AT, b"{}", [key_of(SECRET)])
    with pytest.raises(SignatureError, match=why):
        verify(told | changed, b"{}", [key_of(SECRET)], AT)


def test_another_body_another_secret_and_a_missing_header_are_refused() -> None:
    told = headers("m1", AT, b"{}", [key_of(SECRET)])
    for body, key, given_headers in ((b"{} ", SECRET, told), (b"{}", OLD, told), (b"{}", SECRET, {})):
        with pytest.raises(SignatureError):
            verify(given_headers, body, [key_of(key)], AT)


@pytest.mark.parametrize("id", ["", "a b", "a\r\nx: y", "a.b", "x" * 257])
def test_an_id_that_is_no_word_is_never_signed(id: str) -> None:  # noqa: A002
    with pytest.raises(ValueError, match="word"):
        headers(id, AT, b"", [key_of(SECRET)])


@pytest.mark.parametrize(
    "secret", ["", "whsec_", "plain", "whsec_!!!!", "whsec_" + base64.b64encode(b"x" * 23).decode(), SECRET[6:]]
)
def test_a_secret_that_is_none_is_refused_without_being_repeated(secret: str) -> None:
    with pytest.raises(ValueError, match="24 to 64 random bytes") as refusal:
        key_of(secret)
    assert not secret or secret == "whsec_" or secret not in str(refusal.value)
