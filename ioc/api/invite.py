"""Setting a password through a one-time link. The secret comes in the body: the link has it behind the #."""

from aiohttp import web

from ioc.access.scope import EVERYTHING
from ioc.access.throttle import Visit, network
from ioc.access.tokens import digest
from ioc.api.account import good
from ioc.api.caller import CALLERS
from ioc.api.door import DOOR, address_of, model_of
from ioc.api.models_people import TakeInvite, Welcome
from ioc.api.parts import PARTS
from ioc.api.problems import ProblemError
from ioc.api.session import told
from ioc.store import audit, invites, people, sessions
from ioc.store.audit import Deed


async def take(request: web.Request) -> web.Response:
    """`POST /api/v1/invite`: sets the password once; all sessions of the account end."""
    parts, door, address = request.app[PARTS], request.app[DOOR], address_of(request)
    asked = await model_of(request, TakeInvite)
    mark = digest(asked.secret)
    async with parts.database.transaction(EVERYTHING) as transaction:
        account = await invites.invited(transaction, mark, parts.now())
    if account is None:
        door.enter(Visit(login="one-time link", address=network(address), known="address"))
        raise ProblemError("link-over")
    person = account.person
    hashed = await door.hashed(good(asked.password, person.login, person.name))
    async with parts.database.transaction(EVERYTHING) as transaction:
        if await invites.invited(transaction, mark, parts.now()) is None:
            raise ProblemError("link-over")
        await people.set_password(transaction, account.id, hashed)
        ended = await sessions.end_sessions(transaction, account.id)
        deed = Deed(
            act="password.change",
            who=person.login,
            kind="account",
            thing=person.login,
            centre=person.centre,
            address=address,
            text="one-time link",
        )
        await audit.record(transaction, deed, parts.now())
    for session in ended:
        request.app[CALLERS].ended(session)
    return told(Welcome(user=person.login))


def routes(app: web.Application) -> None:
    """Add invitations to an application."""
    app.router.add_post("/api/v1/invite", take)
