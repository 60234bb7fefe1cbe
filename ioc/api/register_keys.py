"""Keys for many devices at once, as a file that is shown once: nobody enrols five hundred of them one by one."""

import logging
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from ioc.api import deeds
from ioc.api.answer import needs
from ioc.api.caller import CALLER
from ioc.api.imports import SUBJECTS, attached, language
from ioc.api.models_imports import NewKeys
from ioc.api.parts import PARTS
from ioc.api.surface import BODY, Answer, May, Operation, describe
from ioc.registration import sheet_csv
from ioc.registration.inert import harmless
from ioc.registration.sheet import Words
from ioc.store import keys
from ioc.store.database import Transaction
from ioc.store.keys import Issued, Thing

LOG = logging.getLogger("ioc.api")

PATH = "/api/v1/register/keys"

HEADINGS = ("code", "user", "key", "host", "port", "tls_port", "old_valid_until", "problem")
"""Of the file: programs read it, so they are the members of a single key's answer."""

_UNSEEN = Words("Không có trong danh bạ của bạn.", "It is not in your register.")
_RETIRED = Words("Đã thanh lý.", "It is retired.")
_SILENT = Words("Camera này không tự gửi tin, nên không cần khóa.", "This camera sends nothing, and needs no key.")


def _why_not(thing: Thing | None) -> Words | None:
    if thing is None:
        return _UNSEEN
    if thing.lifecycle == keys.RETIRED:
        return _RETIRED
    return None if thing.speaks else _SILENT


async def give(request: web.Request) -> web.Response:
    """`POST /api/v1/register/keys`: a line for each code, with its new key or with what stands against one.

    All are given, or none; an old key stays good beside the new as `keys.issue` says.
    """
    asked, parts = request[BODY], request.app[PARTS]
    subject, login, reader = SUBJECTS[asked.kind], request[CALLER].person.login, language(request)
    needs(request, "register", subject)
    lines: dict[str, list[str]] = {}
    async with parts.database.transaction(request[CALLER].scope) as transaction:
        broker = parts.broker()
        for code in sorted(set(asked.codes)):  # in one order: two of us never wait for each other
            thing = await keys.thing(transaction, subject, code)
            why = _why_not(thing)
            if why is not None or thing is None:
                lines[code] = [harmless(code), *[""] * (len(HEADINGS) - 2), (why or _UNSEEN).told(reader)]
                continue
            issued = await keys.issue(transaction, thing, login, parts.now())
            await _note(request, transaction, thing, issued)
            lines[code] = [harmless(code), *_told(issued, broker), ""]
    LOG.info("%d codes were asked for keys, by %s", len(lines), login)
    content = sheet_csv.written([HEADINGS, *(lines[code] for code in dict.fromkeys(asked.codes))])
    return attached(content, "csv", f"keys-{parts.here().date()}.csv")


def _told(issued: Issued, broker: Any) -> list[str]:
    """A key as it goes to its device. The authority's certificate is told with single keys: it has many lines."""
    until = "" if issued.old_until is None else issued.old_until.isoformat()
    ports = ("" if port is None else str(port) for port in (broker.port, broker.tls_port))
    return [harmless(issued.login), issued.key, harmless(broker.host), *ports, until]


async def _note(request: web.Request, transaction: Transaction, thing: Thing, issued: Issued) -> None:
    until = None if issued.old_until is None else issued.old_until.isoformat()
    after: Mapping[str, Any] = {"user": issued.login, "old_valid_until": until}
    place: dict[str, Any] = {"centre": thing.centre, "area": thing.area}
    await deeds.note(request, transaction, "key.issue", thing.subject, thing.code, after=dict(after), **place)


def routes(app: web.Application) -> None:
    """Add keys for many to an application."""
    app.router.add_post(PATH, give)
    describe(
        app,
        Operation(
            method="POST", path=PATH, vi="Cấp khóa cho nhiều thiết bị, dưới dạng tệp",
            en="Give many devices new keys, as a file", may=May("register", "device"), body=NewKeys,
            answers={200: Answer(media=sheet_csv.MEDIA)}, secret=True,
        ),
    )  # fmt: skip
