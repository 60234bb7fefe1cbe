"""Keys of devices, gateways and cameras at the broker: given, shown once, and withdrawn."""

import logging
from functools import partial
from typing import Any

from aiohttp import web

from ioc.api import deeds
from ioc.api.answer import needs, said
from ioc.api.caller import CALLER
from ioc.api.listing_register import BASES, NAMES
from ioc.api.models_keys import KeyIssued, NewKey
from ioc.api.parts import PARTS
from ioc.api.problems import ProblemError
from ioc.api.query import storable
from ioc.api.surface import May, Operation, describe
from ioc.registration.record import Subject
from ioc.store import certificates, keys
from ioc.store.database import Transaction
from ioc.store.keys import Thing

LOG = logging.getLogger("ioc.api")


async def _thing(request: web.Request, transaction: Transaction, subject: Subject) -> Thing:
    needs(request, "register", subject)
    found = await keys.thing(transaction, subject, storable("code", request.match_info["code"]))
    if found is None:
        raise ProblemError("not-found")
    return found


async def give(subject: Subject, request: web.Request) -> web.Response:
    """`POST …/{code}/key`: the key is in this answer and nowhere else."""
    parts, login = request.app[PARTS], request[CALLER].person.login
    async with parts.database.transaction(request[CALLER].scope) as transaction:
        thing = await _thing(request, transaction, subject)
        if thing.lifecycle == keys.RETIRED:
            raise ProblemError("key-retired")
        if not thing.speaks:
            raise ProblemError("key-not-needed")
        issued = await keys.issue(transaction, thing, login, parts.now())
        until = issued.old_until.isoformat() if issued.old_until is not None else None
        await _note(request, transaction, "key.issue", thing, {"user": issued.login, "old_valid_until": until})
        broker = parts.broker()
    LOG.info("%s %s has a new key, by %s", subject, thing.code, login)
    return said(KeyIssued(user=issued.login, key=issued.key, broker=broker, old_valid_until=issued.old_until))


async def withdraw(subject: Subject, request: web.Request) -> web.Response:
    """`DELETE …/{code}/key`: neither its keys nor its certificates open the broker any more."""
    parts = request.app[PARTS]
    async with parts.database.transaction(request[CALLER].scope) as transaction:
        thing = await _thing(request, transaction, subject)
        had = await keys.withdraw(transaction, thing, parts.now())
        had = await certificates.revoke(transaction, thing.code, parts.now()) or had
        if had:
            await _note(request, transaction, "key.withdraw", thing, None)
    return web.Response(status=204)


async def _note(
    request: web.Request, transaction: Transaction, act: str, thing: Thing, after: dict[str, Any] | None
) -> None:
    place: dict[str, Any] = {"centre": thing.centre, "area": thing.area}
    await deeds.note(request, transaction, act, thing.subject, thing.code, after=after, **place)


def routes(app: web.Application) -> None:
    """Add keys to an application."""
    for subject, base in BASES.items():
        path, may, (vi, en) = f"{base}/{{code}}/key", May("register", subject), NAMES[subject]
        app.router.add_post(path, partial(give, subject))
        app.router.add_delete(path, partial(withdraw, subject))
        describe(
            app,
            Operation(
                method="POST", path=path, vi=f"Cấp khóa mới cho {vi}", en=f"Give a {en} a new key", may=may,
                body=NewKey, answers={200: KeyIssued}, problems=("not-allowed", "key-retired", "key-not-needed"),
                secret=True,
            ),
            Operation(
                method="DELETE", path=path, vi=f"Thu hồi khóa của {vi}", en=f"Withdraw the keys of a {en}", may=may,
                answers={204: None}, problems=("not-allowed",),
            ),
        )  # fmt: skip
