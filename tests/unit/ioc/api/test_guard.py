"""What strangers may ask for, and where changes may come from."""

import pytest
from aiohttp.test_utils import make_mocked_request

from ioc.api.guard import SECURITY, is_public


@pytest.mark.parametrize(
    ("method", "path", "public"),
    [
        ("GET", "/healthz", True),
        ("GET", "/signin", True),
        ("GET", "/assets/a.js", True),
        ("POST", "/api/v1/session", True),
        ("GET", "/api/v1/session", False),
        ("GET", "/assets", False),
        ("GET", "/healthz/", False),
        ("GET", "/", False),
        ("GET", "/ogc", False),
        ("GET", "/readyz", False),
    ],
)
def test_only_health_and_the_door_are_public(method: str, path: str, public: bool) -> None:
    assert is_public(method, make_mocked_request(method, path).path) is public


def test_pages_may_run_our_own_scripts_only() -> None:
    policy = SECURITY["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
