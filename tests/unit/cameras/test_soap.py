"""Facts about envelopes and proofs of identity."""

import base64
import datetime as dt
import hashlib

import pytest

from cameras.onvif_xml import parse
from cameras.soap import Account, Challenge, envelope, token, written
from tests.fakes.things import NOW

MUFASA = Account("Mufasa", "Circle of Life")


def _md5(text: bytes) -> str:
    return hashlib.md5(text, usedforsecurity=False).hexdigest()


def test_a_password_is_never_printed() -> None:
    assert "Circle" not in repr(MUFASA)
    assert "Circle" not in token(MUFASA, NOW, b"nonce")


def test_the_username_token_is_the_digest_of_nonce_time_and_password() -> None:
    """WSS UsernameToken Profile 1.0, 3.1."""
    created = NOW + dt.timedelta(milliseconds=250)
    text = token(MUFASA, created, b"0123456789abcdef")
    mixed = hashlib.sha1(b"0123456789abcdef" + b"2026-11-22T01:00:00.250Z" + b"Circle of Life", usedforsecurity=False)
    assert base64.b64encode(mixed.digest()).decode() in text
    assert "2026-11-22T01:00:00.250Z" in text


@pytest.mark.parametrize(
    ("algorithm", "response"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_the_digest_is_that_of_the_standard_s_example(algorithm: str, response: str) -> None:
    """RFC 7616, 3.9.1."""
    challenge = Challenge.of(
        f'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm={algorithm}, '
        'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
    )
    assert challenge is not None
    answer = challenge.answer(
        MUFASA, "GET", "http://www.example.org/dir/index.html", 1, "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
    )
    assert f'response="{response}"' in answer
    assert "nc=00000001" in answer
    assert "opaque=" in answer


def test_the_older_digest_without_qop_is_that_of_its_example() -> None:
    """RFC 2069's form: no qop, no count."""
    challenge = Challenge.of('Digest realm="r", nonce="n"')
    assert challenge is not None
    answer = challenge.answer(Account("u", "p"), "POST", "http://h/x?y=1", 1, "c")
    secret, deed = (_md5(one) for one in (b"u:r:p", b"POST:/x?y=1"))
    assert _md5(f"{secret}:n:{deed}".encode()) in answer
    assert "nc=" not in answer


@pytest.mark.parametrize(
    "header",
    ["", "Basic realm=x", 'Digest realm="x"', 'Digest nonce="n", algorithm=ROT13', 'Digest nonce="n", qop="auth-int"'],
)
def test_a_challenge_that_cannot_be_answered_is_none(header: str) -> None:
    assert Challenge.of(header) is None


def test_a_challenge_beside_another_is_found() -> None:
    assert Challenge.of('Basic realm="x", Digest realm="y", nonce="n", qop="auth"') == Challenge(
        realm="y", nonce="n", qop="auth"
    )


def test_an_envelope_is_xml_and_its_parts_are_escaped() -> None:
    root = parse(envelope("<b/>", action="a&b", to="http://h/?x=1&y=2", headers=["<h/>"]))
    assert root.name == "Envelope"
    assert [child.text for child in root.children[0].children] == ["a&b", "http://h/?x=1&y=2", ""]


def test_what_a_camera_gave_is_handed_back_as_it_was() -> None:
    given = b'<x:Id xmlns:x="urn:x" a="1 &amp; 2">7 &lt; 8<x:In/></x:Id>'
    again = parse(written(parse(given)).encode())
    assert again == parse(given)
