"""Workbooks that would burst whoever parses them, each in a way of its own."""

import io
import random
import struct
import zipfile
from collections.abc import Callable, Mapping

from ioc.registration import sheet_xlsx

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
SHEET = "xl/worksheets/sheet1.xml"
MB = 2**20


def plain() -> bytes:
    return sheet_xlsx.written(["Code", "Name"], [["a", "b"]], name="x")


def repacked(data: bytes, parts: Mapping[str, bytes]) -> bytes:
    """The workbook with these parts in place of, or beside, its own."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name not in parts:
                new.writestr(name, old.read(name))
        for name, content in parts.items():
            new.writestr(name, content)
    return made.getvalue()


def sheet(rows: str) -> bytes:
    return f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'.encode()


def zeros() -> bytes:
    """A sheet of 500 MB of blanks, packed a thousand times smaller."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(plain())) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name != SHEET:
                new.writestr(name, old.read(name))
        with new.open(SHEET, "w") as part:
            for _ in range(500):
                part.write(b" " * MB)
    return made.getvalue()


def lying() -> bytes:
    """A sheet of 100 MB that says that it has 1000 bytes."""
    data = bytearray(repacked(plain(), {SHEET: b"<a>" + b"x" * (100 * MB) + b"</a>"}))
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as made:
        info = made.getinfo(SHEET)
    struct.pack_into("<I", data, info.header_offset + 22, 1000)
    central = data.rindex(SHEET.encode()) - 46
    struct.pack_into("<I", data, central + 24, 1000)
    return bytes(data)


def overlapping() -> bytes:
    """Hundreds of entries of one megabyte that are the same bytes (D. Fifield, A better zip bomb, 2019)."""
    data = bytearray(repacked(plain(), {"xl/a000.xml": b"<a>" + b"x" * MB + b"</a>"}))
    end = data.rindex(b"PK\x05\x06")
    central = data.rindex(b"xl/a000.xml") - 46
    entry = bytes(data[central:end])
    more = b"".join(entry.replace(b"xl/a000.xml", f"xl/a{number:03d}.xml".encode()) for number in range(1, 300))
    count, size = struct.unpack_from("<HI", data, end + 10)
    tail = bytearray(data[end:])
    struct.pack_into("<HHI", tail, 8, count + 299, count + 299, size + len(more))
    return bytes(data[:end]) + more + bytes(tail)


def nested() -> bytes:
    """An archive of archives, and no workbook."""
    inner = zeros()
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for number in range(10):
            new.writestr(f"{number}.xlsx", inner)
    return made.getvalue()


def within() -> bytes:
    """A workbook whose sheet is a workbook."""
    return repacked(plain(), {SHEET: zeros()})


def corner() -> bytes:
    """One cell at the far corner: 17 thousand million cells to whoever lays them all out."""
    cell = '<c r="{}" t="inlineStr"><is><t>x</t></is></c>'
    rows = f'<row r="1">{cell.format("A1")}</row><row r="1048576">{cell.format("XFD1048576")}</row>'
    return repacked(plain(), {SHEET: sheet(rows)})


def corner_said_otherwise() -> bytes:
    """The same, with the address in character references and another prefix."""
    text = (
        f'<x:worksheet xmlns:x="{MAIN}"><x:sheetData><x:row><x:c r="A1"><x:v>1</x:v></x:c>'
        "<x:c r='&#88;FD&#49;048576'><x:v>1</x:v></x:c></x:row></x:sheetData></x:worksheet>"
    )
    return repacked(plain(), {SHEET: text.encode()})


def wide() -> bytes:
    """A row of a million columns."""
    return repacked(plain(), {SHEET: sheet("<row>" + "<c><v>1</v></c>" * 1_000_000 + "</row>")})


def high() -> bytes:
    """A million rows."""
    return repacked(plain(), {SHEET: sheet("<row><c><v>1</v></c></row>" * 1_000_000)})


def repeated() -> bytes:
    """A text of a megabyte in a hundred thousand cells."""
    shared = f'<sst xmlns="{MAIN}"><si><t>{"x" * MB}</t></si></sst>'.encode()
    rows = ("<row>" + '<c t="s"><v>0</v></c>' * 10 + "</row>") * 10_000
    return repacked(plain(), {"xl/sharedStrings.xml": shared, SHEET: sheet(rows)})


def laughs() -> bytes:
    """Entities that grow a thousand million times."""
    names = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "lol"}">' for n in range(10))
    text = f'<?xml version="1.0"?><!DOCTYPE worksheet [{names}]><worksheet>&l9;</worksheet>'
    return repacked(plain(), {SHEET: text.encode()})


def outside() -> bytes:
    """An entity that is a file of the server."""
    text = '<!DOCTYPE w [<!ENTITY x SYSTEM "file:///etc/passwd">]><worksheet>&x;</worksheet>'
    return repacked(plain(), {SHEET: text.encode()})


def long_cell() -> bytes:
    """A cell of five megabytes."""
    return repacked(plain(), {SHEET: sheet(f'<row><c t="inlineStr"><is><t>{"x" * (5 * MB)}</t></is></c></row>')})


def _noise(number: int, seed: int = 9) -> list[str]:
    """Numbers that are packed no smaller than those of honest sheets."""
    chance = random.Random(seed)
    return [f"{chance.random():.12f}" for _ in range(number)]


def wide_of_noise() -> bytes:
    """A row of very many columns, packed as an honest sheet is."""
    return repacked(
        plain(), {SHEET: sheet("<row>" + "".join(f"<c><v>{n}</v></c>" for n in _noise(500_000)) + "</row>")}
    )


def high_of_noise() -> bytes:
    """Very many rows, packed as an honest sheet is."""
    return repacked(plain(), {SHEET: sheet("".join(f"<row><c><v>{n}</v></c></row>" for n in _noise(500_000)))})


def repeated_of_noise() -> bytes:
    """A long text in a hundred thousand cells between others, packed as an honest sheet is."""
    shared = f'<sst xmlns="{MAIN}"><si><t>{"".join(_noise(3_000))}</t></si></sst>'.encode()
    cells = [f'<c t="s"><v>0</v></c><c><v>{n}</v></c>' for n in _noise(100_000)]
    rows = "".join("<row>" + "".join(cells[first : first + 10]) + "</row>" for first in range(0, 100_000, 10))
    return repacked(plain(), {"xl/sharedStrings.xml": shared, SHEET: sheet(rows)})


def long_cell_of_noise() -> bytes:
    """A cell of six megabytes, packed as an honest text is."""
    text = "".join(_noise(450_000))
    return repacked(plain(), {SHEET: sheet(f'<row><c t="inlineStr"><is><t>{text}</t></is></c></row>')})


BOMBS: Mapping[str, Callable[[], bytes]] = {
    "zeros": zeros,
    "lying": lying,
    "overlapping": overlapping,
    "nested": nested,
    "within": within,
    "corner": corner,
    "corner said otherwise": corner_said_otherwise,
    "wide": wide,
    "high": high,
    "repeated": repeated,
    "laughs": laughs,
    "outside": outside,
    "long cell": long_cell,
    "wide of noise": wide_of_noise,
    "high of noise": high_of_noise,
    "repeated of noise": repeated_of_noise,
    "long cell of noise": long_cell_of_noise,
}
