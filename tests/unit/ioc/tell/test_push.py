"""Web push: the published vectors, what is sealed and signed, and the key's file."""

import base64
import json
import stat
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from hypothesis import given
from hypothesis import strategies as st

from ioc.tell import push
from ioc.tell.push import PushError, Subscription, Vapid, bytes_of, check, encrypted, text_of
from tests.fakes.push_service import Browser, opened

# RFC 8291, section 5 and appendix A.
PLAIN = b"When I grow up, I want to be a watermelon"
OURS = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
OURS_PUBLIC = "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8"
THEIRS = "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"
THEIRS_PUBLIC = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
SALT = "DGv6ra1nlYgDCS1FRnbzlw"
AUTH = "BTBZMqHH6r4Tts7J_aSIgg"
SEALED = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27ml"
    "mlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPT"
    "pK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
)
PUBLISHED = Subscription(
    endpoint="https://push.example.net/push/JzLQ3raZJfFBR0aqvOMsLrt54w4rJUsV", p256dh=THEIRS_PUBLIC, auth=AUTH
)


def private(text: str) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(bytes_of(text), "big"), ec.SECP256R1())


def test_the_published_vector_is_sealed_bit_for_bit() -> None:
    key = private(OURS)
    assert text_of(push.public_of(key)) == OURS_PUBLIC
    assert text_of(encrypted(PLAIN, PUBLISHED, bytes_of(SALT), key)) == SEALED


def test_the_stand_in_opens_the_published_vector() -> None:
    """The tests' browser is itself held against the RFC."""
    assert opened(bytes_of(SEALED), private(THEIRS), bytes_of(AUTH)) == PLAIN


@given(st.binary(max_size=push.LARGEST))
def test_what_is_sealed_is_opened_by_its_reader_alone(message: bytes) -> None:
    reader, other = Browser("https://push.test/1"), Browser("https://push.test/2")
    body = encrypted(message, reader.subscription)
    assert len(body) <= push.RECORD
    assert reader.open(body) == message
    with pytest.raises(Exception):  # noqa: B017, PT011 - whatever the cipher says, it does not open
        other.open(body)


def test_salt_and_key_are_new_each_time() -> None:
    reader = Browser("https://push.test/1")
    bodies = {encrypted(b"x", reader.subscription)[:86] for _ in range(20)}
    assert len(bodies) == 20


def test_a_message_that_is_too_long_is_refused_by_its_length() -> None:
    with pytest.raises(PushError, match="3993 bytes"):
        encrypted(b"x" * (push.LARGEST + 1), PUBLISHED)


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"endpoint": "http://push.test/1"}, "https://"),
        ({"endpoint": "https://user@push.test/1"}, "https://"),
        ({"endpoint": "https://push.test:8443/1"}, "https://"),
        ({"endpoint": "https:///1"}, "https://"),
        ({"endpoint": "https://push.test/a b"}, "https://"),
        ({"endpoint": "https://[::1"}, "no address"),
        ({"p256dh": "x"}, "base64url"),
        ({"p256dh": "!!!!"}, "base64url"),
        ({"p256dh": text_of(b"\x04" + b"\x01" * 64)}, "P-256"),
        ({"p256dh": ""}, "P-256"),
        ({"auth": text_of(b"x" * 15)}, "16 bytes"),
    ],
)
def test_a_subscription_that_cannot_be_used_is_refused(changed: dict[str, str], why: str) -> None:
    plain = {"endpoint": "https://push.test/1", "p256dh": THEIRS_PUBLIC, "auth": AUTH}
    check(Subscription(**plain))
    with pytest.raises(PushError, match=why):
        check(Subscription(**plain | changed))


def test_what_a_subscription_holds_is_not_printed() -> None:
    assert "JzLQ3raZ" not in repr(PUBLISHED)
    assert AUTH not in repr(PUBLISHED)


def claims_of(header: str, public: str) -> dict[str, Any]:
    """The claims of a VAPID header whose signature is right."""
    token, key = header.removeprefix("vapid t=").split(", k=")
    assert key == public
    head, claims, signature = token.split(".")
    raw = bytes_of(signature)
    der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), bytes_of(key))
    point.verify(der, f"{head}.{claims}".encode(), ec.ECDSA(hashes.SHA256()))
    assert json.loads(bytes_of(head)) == {"typ": "JWT", "alg": "ES256"}
    found: dict[str, Any] = json.loads(bytes_of(claims))
    return found


def test_the_push_service_learns_who_sends(tmp_path: Path) -> None:
    vapid = Vapid.at(tmp_path / "vapid.pem", "mailto:ioc@example.gov.vn")
    claims = claims_of(vapid.authorization("https://push.test/abc?d", 1_000.7), vapid.public)
    assert claims == {"aud": "https://push.test", "exp": 1_000 + push.LASTS_S, "sub": "mailto:ioc@example.gov.vn"}
    assert push.LASTS_S <= 24 * 3600


def test_the_key_is_made_once_and_read_by_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "new" / "vapid.pem"
    first = Vapid.at(path, "mailto:x@y")
    assert Vapid.at(path, "mailto:x@y").public == first.public
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.name for one in path.parent.iterdir()] == ["vapid.pem"]


def test_of_two_that_make_it_at_once_one_key_stays(tmp_path: Path) -> None:
    path = tmp_path / "vapid.pem"
    first = Vapid.at(path, "mailto:x@y").public
    push._make(path)  # the other process had looked before the file was there
    assert Vapid.at(path, "mailto:x@y").public == first
    assert [one.name for one in tmp_path.iterdir()] == ["vapid.pem"]


def test_a_file_of_another_kind_is_refused_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "vapid.pem"
    path.write_text("nonsense")
    with pytest.raises(ValueError):  # noqa: PT011 - the words are the library's
        Vapid.at(path, "mailto:x@y")


def test_base64url_is_read_with_and_without_padding() -> None:
    assert bytes_of(base64.urlsafe_b64encode(b"abcd").decode()) == bytes_of(text_of(b"abcd")) == b"abcd"
