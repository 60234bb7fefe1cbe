"""What is said of the routes about rules."""

from aiohttp import web

from ioc.access.tokens import wish_of
from ioc.api import listing_rules
from ioc.api.surface import SURFACE, Operation


def operations() -> dict[tuple[str, str], Operation]:
    app = web.Application()
    listing_rules.routes(app)
    return {(one.method, one.path): one for one in app[SURFACE]}


def test_every_route_is_told_in_both_languages_and_every_change_needs_the_right_to_manage() -> None:
    for one in operations().values():
        assert one.vi
        assert one.vi != one.en
        assert one.may is not None
        assert one.may.kind == "rule"
        assert one.may.act == ("see" if one.method == "GET" else "manage")


def test_a_token_asks_for_the_same_right_as_the_route() -> None:
    for (method, path), one in operations().items():
        wish = wish_of(method, path)
        assert one.may == (wish.act, wish.kind), path


def test_changes_say_from_which_version_they_start() -> None:
    for (method, path), one in operations().items():
        if method in ("PUT", "DELETE") or path.endswith(("able", "restore")):
            fields = one.query if one.body is None else one.body.__struct_fields__
            assert {"expected_version", "reason"} <= set(fields)
            assert "stale-rule" in one.problems
