"""Signing in; on the real server in tests/integration/test_sign_in.py."""

from aiohttp import web

from ioc.api import session
from ioc.api.session import _printable, give_cookie, told


def test_the_cookie_of_a_session_is_kept_from_scripts_and_other_sites() -> None:
    response = web.Response()
    give_cookie(response, "x", session.LASTS, secure=True)
    cookie = response.cookies["ioc_session"]
    assert (cookie["httponly"], cookie["samesite"], cookie["secure"], cookie["path"]) == (True, "Lax", True, "/")
    assert int(cookie["max-age"]) == 12 * 3600


def test_answers_about_people_are_kept_nowhere() -> None:
    assert told({}).headers["Cache-Control"] == "no-store"


def test_a_browsers_name_is_shown_without_control_characters() -> None:
    assert _printable("a\x1b[0m\nb" + "c" * 500) == ("a[0mb" + "c" * 500)[:198]
