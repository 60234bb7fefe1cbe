"""The register as files: what comes out goes in again as the same, and nothing in it acts."""

import csv
import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from cameras.camera import Address
from ioc.access.scope import EVERYTHING
from ioc.api import register_files
from ioc.registration import sheet_xlsx
from ioc.store import addresses
from tests.conftest import Fresh
from tests.fakes.http_centre import Centre
from tests.fakes.register import CAMERAS, HOI_AN, TAM_KY, drafted, kept_register
from tests.fakes.vaults import vault
from tests.unit.ioc.api.test_imports import send

EXPORT, TEMPLATE = "/api/v1/register/export", "/api/v1/register/template"
SECRET = "kh0ng-ai-biet"
HOSTILE = (
    "=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "＝1+1", "＋1", "－1", "＠A1", "  =1", "a;=1", "x\n=1",
    "'=1", '"=1', "a,@b", "|=1", "-", "= =",
)  # fmt: skip
"""Texts that a spreadsheet carries out, or that programs with another separator do."""


@pytest.fixture
async def centre(migrated: Fresh, tmp_path: Path) -> AsyncIterator[Centre]:
    async with kept_register(migrated.url, tmp_path) as one:
        yield one


def active(text: str) -> bool:
    """Whether a spreadsheet would take a cell for a formula (OWASP); a plain number is none."""
    plain = text.lstrip()
    return text[:1] in ("\t", "\r", "\n") or (
        plain[:1] in tuple("=+-@＝＋－＠") and not plain[1:].replace(".", "", 1).isdigit()
    )


async def exported(centre: Centre, query: str, who: str = "admin", **headers: str) -> Any:
    status, body, _ = await centre.get(f"{EXPORT}?{query}", who, **headers)
    assert status == 200, body
    return body


async def hostile(centre: Centre) -> None:
    """Devices of which every text is one of HOSTILE, and a camera with an address."""
    fields = ("name", "maker", "model", "serial", "firmware", "contract", "conformity", "purpose", "note")
    for number, text in enumerate(HOSTILE):
        await drafted(centre, code=f"evil-{number}", **dict.fromkeys(fields, text))
    await drafted(centre, CAMERAS, code="cam-new", bearing=12.5, fov=70.25, height_m=6, tags=["=1", "hạ du"])
    async with centre.database.transaction(EVERYTHING) as transaction:
        address = Address(f"rtsp://root:{SECRET}@10.0.0.9/stream")
        await addresses.put_address(transaction, "cam-new", address, vault())


@pytest.mark.promise("A8")
@pytest.mark.parametrize("language", ["vi", "en"])
async def test_exports_are_inert_and_come_home_as_the_same(centre: Centre, language: str, tell: Any) -> None:
    await hostile(centre)
    tried = unescaped = 0
    reader = {"Accept-Language": language}
    for kind in ("devices", "cameras"):
        text = await exported(centre, f"kind={kind}", **reader)
        book = await exported(centre, f"kind={kind}&f=xlsx", **reader)
        rows = list(csv.reader(io.StringIO(text.decode("utf-8-sig"), newline="")))
        with CalamineWorkbook.from_filelike(io.BytesIO(book)) as opened:
            typed = opened.get_sheet_by_index(0).to_python()
        assert [[*row] for row in typed] == rows
        for cell in (cell for row in [*rows, *typed] for cell in row):
            tried += 1
            unescaped += active(str(cell))
        assert SECRET.encode() not in text + book
        for content, media in ((text, "text/csv"), (book, sheet_xlsx.MEDIA)):
            status, told = await send(centre, content, "admin", media, kind)
            assert status == 201
            assert told["counts"] == {"new": 0, "changed": 0, "same": len(rows) - 1, "refused": 0, "mendable": 0}
            assert told["headings"] == []
    tell(cells=tried, unescaped=unescaped)
    assert unescaped == 0
    assert tried > 1000


async def test_what_is_exported_is_the_readers_and_what_he_filters(centre: Centre) -> None:
    await drafted(centre, code="ours", name="Trạm Tam Kỳ", position=TAM_KY)
    await drafted(centre, code="theirs", name="Trạm Hội An", position=HOI_AN)

    def codes(content: bytes) -> list[str]:
        return [row[0] for row in csv.reader(io.StringIO(content.decode("utf-8-sig")))][1:]

    assert codes(await exported(centre, "kind=devices")) == ["gauge-one", "gauge-two", "ours", "theirs"]
    assert codes(await exported(centre, "kind=devices", "keeper")) == ["gauge-two", "theirs"]
    assert codes(await exported(centre, "kind=devices&lifecycle=draft&q=tam")) == ["ours"]
    assert codes(await exported(centre, "kind=devices&type=rain-gauge")) == []
    assert (await centre.get(f"{EXPORT}?kind=devices", "viewer"))[0] == 403
    assert (await centre.get(f"{EXPORT}?kind=devices&fault=gone"))[0] == 400
    assert (await centre.get(EXPORT))[0] == 400
    acts = await centre.owner.fetch("select act from audit where act = 'register.export'")
    assert len(acts) == 4


async def test_many_things_come_page_by_page_and_too_many_as_csv_alone(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        await drafted(centre, code=f"many-{number}")
    monkeypatch.setattr(register_files, "_PAGE", 2)
    monkeypatch.setattr(register_files, "XLSX_MOST", 6)
    assert (await exported(centre, "kind=devices")).count(b"\r\n") == 8
    status, problem, _ = await centre.get(f"{EXPORT}?kind=devices&f=xlsx")
    assert (status, problem["code"]) == (422, "too-many-things")


@pytest.mark.parametrize("kind", ["devices", "cameras"])
async def test_a_template_has_headings_an_example_that_is_right_and_choices(centre: Centre, kind: str) -> None:
    for language, code in (("vi", "Mã"), ("en", "Code")):
        status, book, headers = await centre.get(
            f"{TEMPLATE}?kind={kind}&f=xlsx", "keeper", **{"Accept-Language": language}
        )
        assert status == 200
        assert headers["Content-Disposition"] == f'attachment; filename="{kind}-template.xlsx"'
        assert b"dataValidation" in _unzipped(book)
        with CalamineWorkbook.from_filelike(io.BytesIO(book)) as opened:
            assert opened.get_sheet_by_index(0).to_python()[0][0] == code
            chosen = opened.get_sheet_by_index(1).to_python()
        assert "hoi-an" in [row[0] for row in chosen]
        _, told = await send(centre, book, "admin", sheet_xlsx.MEDIA, kind)
        assert told["headings"] == []
        assert [cell["column"] for cell in told["rows"][0]["cells"]] in ([], ["Kinh độ"], ["Longitude"])
    status, text, _ = await centre.get(f"{TEMPLATE}?kind={kind}", "keeper")
    assert text.startswith("\ufeffMã,Tên".encode())
    assert (await centre.get(f"{TEMPLATE}?kind={kind}", "viewer"))[0] == 403


def _unzipped(book: bytes) -> bytes:
    import zipfile

    with zipfile.ZipFile(io.BytesIO(book)) as parts:
        return parts.read("xl/worksheets/sheet1.xml")
