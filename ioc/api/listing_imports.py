"""Adds the files of the register to an application and says what their routes are."""

from typing import Literal

from aiohttp import web

from ioc.api import imports, register_files
from ioc.api.imports import BASE, IMPORTING, MEDIA, TAKEN
from ioc.api.models_imports import AppliedImport, ApplyImport, Form, ImportOf, Things
from ioc.api.parts import PARTS
from ioc.api.register import FAULTS
from ioc.api.surface import Answer, May, Operation, describe
from ioc.importing import Importing
from ioc.registration.lifecycle import STATES
from ioc.registration.sheet import MOST_BYTES

_FILE = Answer(media=MEDIA["csv"], others=(MEDIA["xlsx"],))
_FILTERS = {
    "kind": Things,
    "f": Form,
    "q": str,
    "lifecycle": Literal[STATES],
    "centre": str,
    "type": str,
    "tag": str,
    "fault": Literal[FAULTS],
}


def _operations() -> list[Operation]:
    may, one = May("register", "device"), f"{BASE}/{{id}}"
    return [
        Operation(
            method="POST", path=BASE, vi="Kiểm tra thử một tệp thiết bị hoặc camera",
            en="Check a file of devices or cameras", may=may, query={"kind": Things}, needs=("kind",), raw=TAKEN,
            largest=MOST_BYTES, answers={201: ImportOf},
            problems=("sheet-unreadable", "unsupported-media", "bad-value"),
        ),
        Operation(
            method="GET", path=one, vi="Kết quả kiểm tra một tệp", en="A file as it was checked", may=may,
            answers={200: ImportOf},
        ),
        Operation(
            method="POST", path=f"{one}/apply", vi="Ghi các dòng đúng của tệp vào danh bạ",
            en="Write the good rows of a file", may=may, body=ApplyImport, answers={200: AppliedImport},
        ),
        Operation(
            method="GET", path=f"{one}/refused", vi="Các dòng chưa ghi được, kèm lý do",
            en="The rows that were not written, with the reasons, as a file", may=may, query={"f": Form},
            answers={200: _FILE}, problems=("bad-value",),
        ),
        Operation(
            method="GET", path="/api/v1/register/export", vi="Xuất danh bạ thiết bị hoặc camera",
            en="The register of devices or cameras as a file", may=May("export", "device"), query=_FILTERS,
            needs=("kind",), answers={200: _FILE}, problems=("bad-value", "too-many-things"),
        ),
        Operation(
            method="GET", path="/api/v1/register/template", vi="Tệp mẫu để nhập thiết bị hoặc camera",
            en="A template of a file of devices or cameras", may=may, query={"kind": Things, "f": Form},
            needs=("kind",), answers={200: _FILE}, problems=("bad-value",),
        ),
    ]  # fmt: skip


def routes(app: web.Application) -> None:
    """Add them."""
    parts, one = app[PARTS], f"{BASE}/{{id}}"
    app[IMPORTING] = Importing(parts.database, parts.law, parts.profiles)
    app.router.add_post(BASE, imports.enter)
    app.router.add_get(one, imports.read)
    app.router.add_post(f"{one}/apply", imports.apply)
    app.router.add_get(f"{one}/refused", imports.refused)
    app.router.add_get("/api/v1/register/export", register_files.export)
    app.router.add_get("/api/v1/register/template", register_files.template)
    describe(app, *_operations())
