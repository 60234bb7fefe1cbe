"""Secrets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ioc.access.tokens import Wish, allows, digest, scopes_of, secret, wish_of


@given(st.binary(min_size=32, max_size=32))
def test_a_secret_fits_a_header_and_its_digest_does_not_show_it(entropy: bytes) -> None:
    text = secret(entropy)
    assert len(text) == 43
    assert text.isascii()
    assert len(digest(text)) == 32
    assert digest(text) != entropy


@given(st.text())
def test_any_text_has_a_digest(text: str) -> None:
    assert len(digest(text)) == 32


def test_little_entropy_is_refused() -> None:
    with pytest.raises(ValueError, match="32 random bytes"):
        secret(b"1")


@pytest.mark.parametrize(
    ("method", "path", "act", "kind"),
    [
        ("GET", "/ogc/collections/incidents/items", "see", "incident"),
        ("GET", "/ogc/collections/camera_fov/tiles/WebMercatorQuad/1/2/3", "see", "camera"),
        ("GET", "/ogc/collections", "see", ""),
        ("GET", "/ogc", "see", ""),
        ("GET", "/api/v1/openapi.json", "see", ""),
        ("GET", "/api/v1/incidents/1", "see", "incident"),
        ("POST", "/api/v1/incidents/1/acknowledge", "step", "incident"),
        ("POST", "/api/v1/reports", "step", "report"),
        ("PATCH", "/api/v1/people/lan", "manage", "account"),
        ("DELETE", "/api/v1/silences/1", "step", "silence"),
        ("POST", "/api/v1/devices", "register", "device"),
        ("GET", "/api/v1/audit/export", "export", "audit"),
        ("GET", "/ogc/collections/areas/items", "see", ""),
        ("GET", "/api/v1/devices/a/readings", "see", "reading"),
        ("GET", "/api/v1/media%2Fx", "see", "media%2Fx"),
        ("GET", "/metrics", "see", "metric"),
    ],
)
def test_what_a_request_wants_is_told_from_its_address(method: str, path: str, act: str, kind: str) -> None:
    assert wish_of(method, path) == Wish(act, kind)


@pytest.mark.parametrize(
    ("scopes", "allowed"),
    [
        (["*:*"], True),
        (["see:*"], True),
        (["see:incident"], True),
        (["*:incident"], True),
        (["see:device"], False),
        (["acknowledge:incident"], False),
        ([], False),
        (["see:incidents"], False),
    ],
)
def test_a_scope_holds_what_it_names(scopes: list[str], allowed: bool) -> None:
    assert allows(scopes, Wish("see", "incident")) is allowed
    assert allows(scopes, Wish("see", ""))
    assert allows(scopes, Wish("create", "session")) is (scopes == ["*:*"])


@pytest.mark.parametrize("bad", [[], ["see"], ["see:"], [":x"], ["see:x "], ["SEE:x"], ["see:x\n"]])
def test_what_is_no_scope_is_named(bad: list[str]) -> None:
    with pytest.raises(ValueError, match="scope"):
        scopes_of(bad)


def test_scopes_are_kept_in_order_and_once() -> None:
    assert scopes_of(["see:b", "see:a", "see:b"]) == ("see:a", "see:b")
