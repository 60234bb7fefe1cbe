"""How one has arranged the wall: one's own alone, in whatever browser one signs in."""

import msgspec
from aiohttp import web

from ioc.access.scope import EVERYTHING
from ioc.api.account import caller_of
from ioc.api.models_layouts import LARGEST, Layouts, LayoutsOf, PutLayouts, fault
from ioc.api.parts import PARTS
from ioc.api.problems import ProblemError
from ioc.api.query import bad, storable
from ioc.api.session import told
from ioc.api.surface import BODY, Operation, describe
from ioc.store import layouts

PATH = "/api/v1/account/layout"

_FAULTS = {
    "name": (
        "Hai bố cục cùng tên; hãy đặt cho mỗi bố cục một tên riêng.",
        "Two layouts have one name; give each a name of its own.",
    ),
    "default": (
        "Bố cục mở đầu không có trong danh sách; hãy chọn tên của một bố cục, hoặc để trống.",
        "The layout to open with is not among them; name one of them, or none.",
    ),
}


async def read(request: web.Request) -> web.Response:
    """`GET /api/v1/account/layout`."""
    _, account = caller_of(request)
    async with request.app[PARTS].database.transaction(EVERYTHING, read_only=True) as transaction:
        kept = await layouts.read(transaction, account)
    return told(LayoutsOf(version=kept.version, layout=msgspec.convert(kept.layout, Layouts)))


async def put(request: web.Request) -> web.Response:
    """`PUT /api/v1/account/layout`. Problem 409 when another version is kept than the one that was read."""
    (_, account), parts = caller_of(request), request.app[PARTS]
    asked: PutLayouts = request[BODY]
    wrong = fault(asked.layout)
    if wrong is not None:
        raise bad(wrong, "≠").because(*_FAULTS[wrong])
    storable("layout", msgspec.json.encode(asked.layout).decode())
    document = msgspec.to_builtins(asked.layout)
    async with parts.database.transaction(EVERYTHING) as transaction:
        if not await layouts.put(transaction, account, asked.expected_version, document, parts.now()):
            raise ProblemError("stale-layout")
    return told(LayoutsOf(version=asked.expected_version + 1, layout=asked.layout))


def routes(app: web.Application) -> None:
    """Add one's own layouts to an application."""
    app.router.add_get(PATH, read)
    app.router.add_put(PATH, put)
    describe(
        app,
        Operation(
            method="GET", path=PATH, vi="Bố cục màn hình của mình", en="One's own layouts of the wall",
            answers={200: LayoutsOf}, problems=("session-needed",),
        ),
        Operation(
            method="PUT", path=PATH, vi="Lưu bố cục màn hình của mình", en="Keep one's own layouts of the wall",
            body=PutLayouts, largest=LARGEST, answers={200: LayoutsOf},
            problems=("session-needed", "stale-layout", "bad-value"),
        ),
    )  # fmt: skip
