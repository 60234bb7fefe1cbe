"""The centres' names, read once in a while: they are in the answer to who is signed in, which pages ask often."""

import time

import msgspec
from aiohttp import web

from ioc.access.scope import EVERYTHING
from ioc.api.parts import PARTS
from ioc.store import people

BELIEVED_S = 10.0
"""Seconds for which the list is believed."""


class Names:
    """The list of centres, remembered for a moment."""

    def __init__(self) -> None:
        self._until = 0.0
        self._centres: list[dict[str, str]] = []

    async def of(self, app: web.Application) -> list[dict[str, str]]:
        """Code and names of each centre, by their codes; not to be changed."""
        if time.monotonic() >= self._until:
            async with app[PARTS].database.transaction(EVERYTHING, read_only=True) as transaction:
                found = await people.centres(transaction)
            self._centres = [msgspec.structs.asdict(centre) for centre in found]
            self._until = time.monotonic() + BELIEVED_S
        return self._centres


NAMES: web.AppKey[Names] = web.AppKey("names", Names)
