"""What of an XLSX file is safe to be parsed (ECMA-376 part 2: a ZIP of XML): found out before anything parses it.

A parser of workbooks lays out every cell between the first and the last that are filled, and repeats a shared text in
each cell that names it: a file of a kilobyte can ask for gigabytes. So every part that may be read is unpacked here,
against bounds and whatever the file says of its own size, and read once as XML without document types; what is handed
on is a new ZIP of these parts alone. Pictures, macros and files within the file are never unpacked.
"""

import io
import re
import zipfile
import zlib
from collections import Counter
from xml.parsers import expat

from ioc.registration.sheet import LONGEST_CELL, MOST_ABOVE, MOST_COLUMNS, MOST_ROWS, SheetError, too_many, too_wide

MOST_PARTS = 500
MOST_UNPACKED = 64 * 2**20
"""Bytes of all parts that are read; 10,000 rows of thirty columns have about 25 MB."""

MOST_RATIO = 200
"""How many times smaller than itself a part of more than a megabyte may be packed; sheets are packed 5 to 40 times."""

MOST_TEXT = 64 * 2**20
"""Characters of all cells, a shared text counted in each."""

_PIECE = 64 * 1024
_CELL = re.compile(r"([A-Z]{1,3})([0-9]{1,7})\Z")
_READ = (".xml", ".rels")


def safe(data: bytes) -> bytes:
    """A workbook of only those parts that a reader needs, each found to be harmless. SheetError for any other."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            infos = packed.infolist()
            _listed(infos)
            parts = _unpacked(packed, [one for one in infos if _wanted(one)])
    except (
        zipfile.BadZipFile,
        zlib.error,
        NotImplementedError,
        EOFError,
        RuntimeError,
        UnicodeError,
        OSError,
    ) as error:
        raise _broken() from error
    survey = _Survey()
    for content in parts.values():
        survey.take(content)
    survey.judge()
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as again:
        for name, content in parts.items():
            again.writestr(name, content)
    return made.getvalue()


def _broken() -> SheetError:
    return SheetError(
        "Tệp XLSX bị hỏng hoặc có mật khẩu; hãy mở bằng phần mềm bảng tính và lưu lại dưới dạng XLSX.",
        "The XLSX is damaged or has a password; open it in a spreadsheet program and save it as XLSX again.",
    )


def _too_large() -> SheetError:
    return SheetError(
        "Tệp XLSX giải nén ra quá lớn; hãy chép riêng bảng cần nhập sang một tệp mới.",
        "The XLSX unpacks to too much; copy the table alone into a new file.",
    )


def _wanted(one: zipfile.ZipInfo) -> bool:
    return one.filename.lower().endswith(_READ)


def _listed(infos: list[zipfile.ZipInfo]) -> None:
    """Refuse by what the file says of itself, before anything is unpacked."""
    names = {one.filename for one in infos}
    if "[Content_Types].xml" not in names:
        raise SheetError(
            "Tệp nén này không phải là bảng tính XLSX; hãy gửi chính tệp XLSX hoặc CSV.",
            "This archive is no XLSX workbook; send the XLSX or CSV file itself.",
        )
    wanted = [one for one in infos if _wanted(one)]
    if len(infos) > MOST_PARTS or len(names) < len(infos) or sum(one.file_size for one in wanted) > MOST_UNPACKED:
        raise _too_large()
    if any(one.flag_bits & 1 for one in infos):
        raise _broken()
    if any(one.file_size > 2**20 and one.file_size > MOST_RATIO * max(1, one.compress_size) for one in wanted):
        raise _too_large()


def _unpacked(packed: zipfile.ZipFile, wanted: list[zipfile.ZipInfo]) -> dict[str, bytes]:
    """The parts by their names, as much as there really is."""
    parts: dict[str, bytes] = {}
    left = MOST_UNPACKED
    for one in wanted:
        content = bytearray()
        with packed.open(one) as part:
            while piece := part.read(_PIECE):
                content += piece
                left -= len(piece)
                if left < 0:
                    raise _too_large()
        parts[one.filename] = bytes(content)
    return parts


class _Survey:
    """How far the cells of all parts reach, and how much text they hold, shared texts counted wherever they stand."""

    def __init__(self) -> None:
        self._shared: list[int] = []
        self._named: Counter[str] = Counter()
        self._text = 0
        self._row = 0
        self._column = 0
        self._inside = ""
        self._names_shared = False
        self._value = ""
        self._length = 0

    def take(self, content: bytes) -> None:
        """Read one part. SheetError for what is no plain XML, or reaches too far."""
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._begin
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._say
        parser.StartDoctypeDeclHandler = self._document_type
        self._row = self._column = 0
        self._inside = ""
        try:
            parser.Parse(content, True)
        except expat.ExpatError as error:
            raise _broken() from error

    def judge(self) -> None:
        """Refuse what repeats its shared texts too often."""
        for number, times in self._named.items():
            if number.isascii() and number.isdigit() and len(number) < 8 and int(number) < len(self._shared):
                self._text += times * self._shared[int(number)]
        if self._text > MOST_TEXT:
            raise _too_large()

    def _document_type(self, *declared: object) -> None:
        raise _broken()

    def _begin(self, name: str, about: dict[str, str]) -> None:
        name = name.rpartition(":")[2]
        if name == "c":
            self._place(about.get("r"))
            self._names_shared = about.get("t") == "s"
        elif name == "row":
            self._next_row(about.get("r"))
        elif name in ("v", "si", "is"):
            self._filled()
            self._inside, self._value, self._length = name, "", 0

    def _next_row(self, told: str | None) -> None:
        if told is None:
            self._row += 1
        elif told.isascii() and told.isdigit() and len(told) < 8:
            self._row = int(told)
        else:
            raise _broken()
        self._column = 0

    def _place(self, told: str | None) -> None:
        if told is None:
            self._column += 1
            return
        found = _CELL.match(told)
        if found is None:
            raise _broken()
        self._row, self._column = int(found[2]), _column(found[1])

    def _filled(self) -> None:
        """Something stands in this cell: what is only coloured counts for nothing."""
        if self._column > MOST_COLUMNS:
            raise too_wide(self._row)
        if self._row > 2 * (MOST_ROWS + MOST_ABOVE):
            raise too_many()

    def _say(self, text: str) -> None:
        if self._inside:
            self._length += len(text)
            if self._inside == "v" and len(self._value) < 8:
                self._value += text[:8]

    def _end(self, name: str) -> None:
        name = name.rpartition(":")[2]
        if name != self._inside:
            return
        self._inside = ""
        if name == "si":
            self._shared.append(min(self._length, LONGEST_CELL + 1) if self._length <= LONGEST_CELL else self._length)
        elif self._names_shared:
            self._named[self._value] += 1
        else:
            self._text += self._length


def _column(letters: str) -> int:
    """The number of a column, A is 1."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number
