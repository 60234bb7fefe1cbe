"""Procedures by category (quy trình xử lý): read by everybody who works on incidents, changed by administrators."""

import msgspec
from aiohttp import web

from ioc.access.rights import allows
from ioc.access.scope import EVERYTHING
from ioc.api import deeds, idempotency
from ioc.api.answer import said
from ioc.api.caller import CALLER
from ioc.api.models_steps import NewTemplate, Template, TemplateItem, Templates
from ioc.api.parts import PARTS
from ioc.api.problems import ProblemError
from ioc.api.query import bad, storable
from ioc.api.surface import BODY, May, Operation, describe
from ioc.incidents.checklist import Item
from ioc.store import checklists

BASE = "/api/v1/checklists"


def _told(one: checklists.Procedure) -> Template:
    items = [TemplateItem(**msgspec.structs.asdict(item)) for item in one.items]
    same = {name: getattr(one, name) for name in ("category", "version", "changed_by", "changed_at")}
    return Template(items=items, **same)


async def listed(request: web.Request) -> web.Response:
    """`GET /api/v1/checklists`."""
    async with request.app[PARTS].database.transaction(EVERYTHING, read_only=True) as transaction:
        found = await checklists.procedures(transaction)
    return said(Templates(checklists=[_told(one) for one in found]))


async def change(request: web.Request) -> web.Response:
    """`PUT /api/v1/checklists/{category}`: another procedure for what begins from now on."""
    parts, caller = request.app[PARTS], request[CALLER]
    if not allows(caller.person.role, "manage", "rule") or caller.person.centre is not None:
        raise ProblemError("not-allowed")  # it is that of all centres
    asked: NewTemplate = request[BODY]
    items = tuple(Item(**msgspec.structs.asdict(one)) for one in asked.items)
    if len({one.item for one in items}) < len(items):
        raise bad("items", "item ≠ item")
    for one in items:
        storable("items", one.vi + one.en)
    async with parts.database.transaction(EVERYTHING) as transaction:
        before = await checklists.procedure(transaction, request.match_info["category"], lock=True)
        if before is None:
            raise ProblemError("not-found")
        changes = {"changed_by": caller.person.login, "changed_at": parts.now(), "items": items}
        after = msgspec.structs.replace(before, version=before.version + 1, **changes)
        if before.version != asked.expected_version or not await checklists.change(transaction, after):
            raise _changed_already(before)
        texts = ({"items": [item.vi for item in one.items]} for one in (before, after))
        images = dict(zip(("before", "after"), texts, strict=True))
        await deeds.note(request, transaction, "checklist.change", "rule", after.category, **images)
        answer = said(_told(after))
        await idempotency.keep(request, transaction, answer)
    return answer


def _changed_already(now: checklists.Procedure) -> ProblemError:
    problem = ProblemError("stale-checklist").carrying(current=msgspec.to_builtins(_told(now)))
    return problem.because(
        f"Phiên bản hiện tại là {now.version}, do {now.changed_by or 'hệ thống'} ghi.",
        f"The current version is {now.version}, written by {now.changed_by or 'nobody: it is the shipped one'}.",
    )


def routes(app: web.Application) -> None:
    """Add procedures to an application."""
    app.router.add_get(BASE, listed)
    app.router.add_put(f"{BASE}/{{category}}", change)
    describe(
        app,
        Operation(
            method="GET", path=BASE, vi="Quy trình xử lý theo nhóm sự cố", en="Procedures by category",
            may=May("see", "rule"), answers={200: Templates},
        ),
        Operation(
            method="PUT", path=f"{BASE}/{{category}}", vi="Sửa quy trình xử lý của một nhóm",
            en="Change the procedure of a category", may=May("manage", "rule"), body=NewTemplate,
            answers={200: Template}, problems=("not-allowed", "stale-checklist"),
        ),
    )  # fmt: skip
