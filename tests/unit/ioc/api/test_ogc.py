"""The documents: addresses and what they were read with."""

from aiohttp import web

from ioc.access.scope import EVERYTHING, Scope
from ioc.api.ogc import Extents, said
from ioc.store.database import Database
from tests.conftest import Fresh


async def test_extents_are_of_their_scope_and_looked_up_again(fresh: Fresh) -> None:
    nothing, extents = Scope(frozenset()), Extents()
    async with Database.open(fresh.url()) as database:
        box, begun = await extents.of(database, EVERYTHING, 0.0)
        assert 107 < box[0] < box[2] < 113
        assert begun["areas"] is not None
        assert begun["devices"] is None
        assert (await extents.of(database, EVERYTHING, 59.0))[1] is begun
        assert (await extents.of(database, EVERYTHING, 60.0))[1] is not begun
        assert (await extents.of(database, nothing, 60.0))[1]["incidents"] is None


def test_what_is_said_has_its_media_type() -> None:
    found = said({"a": 1}, "application/geo+json", Vary="Accept")
    assert isinstance(found, web.Response)
    assert (found.content_type, found.body, found.headers["Vary"]) == ("application/geo+json", b'{"a":1}', "Accept")
