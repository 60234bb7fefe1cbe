"""What is said of the routes about people and the audit trail."""

from aiohttp import web

from ioc.access.rights import KINDS
from ioc.api import listing_people, models_people
from ioc.api.surface import SURFACE, Operation


def operations() -> dict[tuple[str, str], Operation]:
    app = web.Application()
    listing_people.routes(app)
    return {(one.method, one.path): one for one in app[SURFACE]}


def test_every_route_about_people_is_told_in_both_languages() -> None:
    told = operations()
    for method, path, english, body, _ in models_people.ROUTES:
        if path != "/api/v1/session":
            one = told[method.upper(), path]
            assert one.vi
            assert (one.en, one.body) == (english, body)


def test_answers_that_hold_a_secret_are_not_kept_for_a_repetition() -> None:
    secret = {path for (method, path), one in operations().items() if one.secret and method == "POST"}
    assert "/api/v1/account/tokens" in secret
    assert "/api/v1/people" in secret
    assert "/api/v1/people/{login}/invite" in secret


def test_who_may_is_said_in_the_words_of_the_table_of_rights() -> None:
    for one in operations().values():
        if one.may is not None:
            assert one.may.kind in KINDS
