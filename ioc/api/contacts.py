"""Where people can be reached: everybody's own, and for administrators those of the accounts that they administer."""

import datetime as dt

from aiohttp import web

from ioc.access.administration import administers
from ioc.access.policy import Person
from ioc.access.scope import EVERYTHING
from ioc.api import deeds, idempotency
from ioc.api.caller import CALLER
from ioc.api.models_tell import ContactsOf, NewContacts
from ioc.api.parts import PARTS
from ioc.api.problems import ProblemError
from ioc.api.query import bad
from ioc.api.session import told
from ioc.api.surface import BODY, Operation, describe
from ioc.store import contacts, people
from ioc.store.contacts import Kept
from ioc.store.database import Transaction
from ioc.tell.contact import Way, masked
from ioc.tell.mail_server import MAILBOX
from ioc.tell.quiet import Quiet
from ioc.tell.template import PHONE

PATH = "/api/v1/contacts/{login}"
ME = "me"


async def _whose(request: web.Request, transaction: Transaction) -> Person:
    """The account in the address. Problem 404 for one that the asker may not see."""
    person, login = request[CALLER].person, request.match_info["login"]
    if login in (ME, person.login):
        return person
    found = await people.one(transaction, login)
    if found is None or person.role != "admin" or not administers(person, found.person):
        raise ProblemError("not-found")
    return found.person


def _model(kept: Kept) -> ContactsOf:
    quiet = kept.quiet
    return ContactsOf(
        login=kept.login,
        channels=list(kept.ways),
        quiet_from=None if quiet is None else f"{quiet.since:%H:%M}",
        quiet_until=None if quiet is None else f"{quiet.until:%H:%M}",
        version=kept.version,
        changed_by=kept.changed_by,
        changed_at=kept.changed_at,
    )


async def read(request: web.Request) -> web.Response:
    """`GET /api/v1/contacts/{login}`; `me` is one's own."""
    async with request.app[PARTS].database.transaction(EVERYTHING, read_only=True) as transaction:
        person = await _whose(request, transaction)
        return told(_model(await contacts.one(transaction, person.login)))


def _ways(asked: NewContacts) -> tuple[Way, ...]:
    """The channels as they are kept. Problem naming the first whose address is none."""
    for number, way in enumerate(asked.channels):
        place = f"channels.{number}.address"
        if way.channel == "mail" and not MAILBOX.match(way.address):
            raise bad(place, "name@domain")
        if way.channel in ("sms", "zalo") and not PHONE.match(way.address):
            raise bad(place, "+84…")
        if way.channel == "push" and way.address:
            raise bad(place, "“”")
        if (way.channel, way.address) in [(one.channel, one.address) for one in asked.channels[:number]]:
            raise bad(f"channels.{number}", "≠")
    return tuple(asked.channels)


def _quiet(asked: NewContacts) -> Quiet | None:
    if asked.quiet_from is None and asked.quiet_until is None:
        return None
    if asked.quiet_from is None or asked.quiet_until is None or asked.quiet_from == asked.quiet_until:
        raise bad("quiet_until", "quiet_from ≠ quiet_until")
    since, until = (dt.time.fromisoformat(one) for one in (asked.quiet_from, asked.quiet_until))
    return Quiet(since=since, until=until)


async def change(request: web.Request) -> web.Response:
    """`PUT /api/v1/contacts/{login}`: holds for what is told from now on, also what waits for its first channel."""
    parts, asked = request.app[PARTS], request[BODY]
    ways, quiet = _ways(asked), _quiet(asked)
    async with parts.database.transaction(EVERYTHING) as transaction:
        person = await _whose(request, transaction)
        before = await contacts.one(transaction, person.login, lock=True)
        if before.version != asked.expected_version:
            raise ProblemError("stale-contacts")
        kept = Kept(
            login=person.login, ways=ways, quiet=quiet, version=before.version + 1,
            changed_by=request[CALLER].person.login, changed_at=parts.now(),
        )  # fmt: skip
        await contacts.save(transaction, kept)
        shown = [f"{way.channel} {masked(way.channel, way.address)}".strip() for way in ways]
        await deeds.note(
            request, transaction, "contacts.change", "account", person.login, centre=person.centre,
            after={"channels": shown},
        )  # fmt: skip
        answer = told(_model(kept))
        await idempotency.keep(request, transaction, answer)
    return answer


def _operations() -> tuple[Operation, ...]:
    return (
        Operation(
            method="GET", path=PATH, vi="Cách liên hệ với một người (me: chính mình)",
            en="Where a person can be reached (me: oneself)", answers={200: ContactsOf}, problems=("not-found",),
        ),
        Operation(
            method="PUT", path=PATH, vi="Đổi cách liên hệ: thứ tự kênh, giờ yên tĩnh",
            en="Change where a person can be reached: order of channels, quiet hours", body=NewContacts,
            answers={200: ContactsOf}, problems=("not-found", "stale-contacts"),
        ),
    )  # fmt: skip


def routes(app: web.Application) -> None:
    """Add contacts to an application."""
    app.router.add_get(PATH, read)
    app.router.add_put(PATH, change)
    describe(app, *_operations())
