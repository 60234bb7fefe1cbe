"""What a cell says, by its field: texts, days as in Viet Nam, yes and no, states, lists; or what is wrong with it."""

import calendar
import datetime as dt
import difflib
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ioc.registration.coordinates import number
from ioc.registration.headings import folded
from ioc.registration.record import tidy
from ioc.registration.sheet import Words

CLEAR = frozenset("-–—")
"""A cell that holds one of these alone empties the field; an empty cell leaves it as it is."""

_DAY = re.compile(r"(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4}|\d{2})(?:\s.*)?\Z")
_ISO_DAY = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[ T].*)?\Z")
_CODE = re.compile(r"[a-z0-9][a-z0-9-]{1,62}\Z")
_WORD = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}\Z")
_EARLIEST, _LATEST = dt.date(1990, 1, 1), dt.date(2100, 1, 1)

_YES = {"co", "yes", "true", "x", "1", "dung", "roi"}
_NO = {"khong", "no", "false", "0", "sai", "chua"}

STATES: Mapping[str, tuple[str, str, tuple[str, ...]]] = {
    "draft": ("Nháp", "Draft", ("Bản nháp", "Dự thảo", "Mới")),
    "approved": ("Đã duyệt", "Approved", ("Duyệt", "Được duyệt")),
    "active": ("Hoạt động", "Active", ("Đang hoạt động", "Đang sử dụng", "Sử dụng", "In use")),
    "suspended": ("Tạm ngừng", "Suspended", ("Tạm dừng", "Đang tạm ngừng", "Tạm ngưng")),
    "retired": ("Đã thanh lý", "Retired", ("Thanh lý", "Ngừng sử dụng", "Thu hồi", "Đã gỡ bỏ")),
}
"""State of a life cycle to what it is called in Vietnamese, in English, and otherwise."""

_STATES = {
    folded(name): state for state, (vi, en, others) in STATES.items() for name in (state, vi, en, *others)
}  # fmt: skip


class ValueFault(Exception):  # noqa: N818  (it is what a person reads, no failure of ours)
    """A cell cannot be what its column says; `words` tell why and what to write. `offer` is what may be meant."""

    def __init__(self, vi: str, en: str, offer: str = "") -> None:
        super().__init__(en)
        self.words = Words(vi, en)
        self.offer = offer


def code(text: str) -> str:
    """A code: lower case is no matter of meaning."""
    if _CODE.match(lower := text.lower()):
        return lower
    near = re.sub(r"[^a-z0-9]+", "-", _plain(lower)).strip("-")[:63]
    offer = near if _CODE.match(near) else ""
    raise ValueFault(
        "Mã chỉ có chữ thường không dấu, chữ số và dấu gạch nối, 2–63 ký tự" + (f", như “{offer}”." if offer else "."),
        "A code has only letters a–z, digits and hyphens, 2 to 63 of them"
        + (f", such as “{offer}”." if offer else "."),
        offer,
    )


def _plain(text: str) -> str:
    """Without accents, each letter and sign in its place."""
    split = unicodedata.normalize("NFD", text.replace("đ", "d"))
    return "".join(sign for sign in split if not unicodedata.combining(sign))


def word(text: str) -> str:
    """A word that programs know."""
    if _WORD.match(lower := text.lower()):
        return lower
    raise ValueFault("Chỉ dùng chữ thường không dấu, chữ số, “-” và “_”.", "Use only letters a–z, digits, “-” and “_”.")


def line(most: int) -> Callable[[str], str]:
    """A text of at most so many characters."""

    def read(text: str) -> str:
        if len(text) > most:
            raise ValueFault(f"Dài quá {most} ký tự.", f"Longer than {most} characters.")
        return text

    return read


def day(text: str) -> dt.date:
    """A day, dd/mm/yyyy or yyyy-mm-dd; a time of day behind it is passed over."""
    iso, ours = _ISO_DAY.match(text), _DAY.match(text)
    try:
        if iso:
            found = dt.date(int(iso[1]), int(iso[2]), int(iso[3]))
        elif ours:
            year = int(ours[3])
            found = dt.date(year + 2000 if year < 100 else year, int(ours[2]), int(ours[1]))
        else:
            raise ValueError
    except ValueError:
        raise _no_day(ours, iso) from None
    if not _EARLIEST <= found < _LATEST:
        raise ValueFault(f"Năm {found.year} không hợp lý.", f"The year {found.year} cannot be right.")
    return found


def _no_day(ours: re.Match[str] | None, iso: re.Match[str] | None) -> ValueFault:
    """A day behind the end of its month is called that; where day and month are in the American order, the day is
    offered."""
    year, month, day = (int(part) for part in iso.groups() if part) if iso else (0, 0, 0)
    if ours:
        day, month, year = (int(part) for part in ours.groups())
        year += 2000 if year < 100 else 0
    if 1 <= month <= 12 and day > 28 and year >= 1:
        written, last = f"{day:02d}/{month:02d}/{year}", calendar.monthrange(year, month)[1]
        return ValueFault(
            f"Không có ngày {written}: tháng {month} năm {year} chỉ có {last} ngày.",
            f"There is no day {written}: month {month} of {year} has {last} days.",
        )
    offer = ""
    if ours and int(ours[1]) <= 12 < int(ours[2]) <= 31:
        offer = f"{int(ours[2]):02d}/{int(ours[1]):02d}/{ours[3]}"
    return ValueFault(
        "Ngày phải ghi như 31/12/2026 hoặc 2026-12-31" + (f"; có phải là {offer}?" if offer else "."),
        "Write a day as 31/12/2026 or 2026-12-31" + (f"; is it {offer}?" if offer else "."),
        offer,
    )


def yes(text: str) -> bool:
    """Yes or no."""
    plain = folded(text)
    if plain in _YES or plain in _NO:
        return plain in _YES
    raise ValueFault("Ghi “có” hoặc “không”.", "Write “yes” or “no”.")


def within(least: float, most: float, *, open_end: bool = False) -> Callable[[str], float]:
    """A number between two, the greater one excluded where `open_end`."""

    def read(text: str) -> float:
        try:
            value = number(text)
        except ValueError:
            raise ValueFault("Phải là một con số.", "This must be a number.") from None
        if not least <= value <= most or (open_end and value == most):
            raise ValueFault(f"Phải từ {least:g} đến {most:g}.", f"This must be from {least:g} to {most:g}.")
        return value

    return read


def bearing(text: str) -> float:
    """Degrees clockwise from north; 360 is 0."""
    return within(0, 360)(text) % 360


def opening(text: str) -> float:
    """Degrees of a view, above 0."""
    return within(0.1, 360)(text)


def state(text: str) -> str:
    """A state of the life cycle in any of its names."""
    if found := _STATES.get(folded(text)):
        return found
    names = ", ".join(vi for vi, _, _ in STATES.values()), ", ".join(en for _, en, _ in STATES.values())
    raise ValueFault(f"Không có trạng thái này; hãy ghi: {names[0]}.", f"There is no such state; write: {names[1]}.")


def tags(text: str) -> tuple[str, ...]:
    """A list divided by commas, semicolons, bars or line breaks."""
    found = tidy(re.split(r"[,;|\n]", text))
    if len(found) > 50 or any(len(tag) > 64 for tag in found):
        raise ValueFault(
            "Nhiều nhất 50 nhãn, mỗi nhãn nhiều nhất 64 ký tự.", "At most 50 tags of at most 64 characters."
        )
    return found


def one_of(names: Mapping[str, Iterable[str]], vi: str, en: str) -> Callable[[str], str]:
    """One of those that are known, by its code or any of its names; `vi` and `en` say what it should be."""
    found: dict[str, str] = {}
    for known, others in names.items():
        for name in (known, *others):
            found.setdefault(folded(name), known)

    def read(text: str) -> str:
        if (known := found.get(folded(text))) is not None:
            return known
        near = difflib.get_close_matches(folded(text)[:60], found, n=1, cutoff=0.75)
        offer = found[near[0]] if near else ""
        raise ValueFault(
            f"Không có {vi} “{text[:60]}”" + (f"; có phải là “{offer}”?" if offer else "."),
            f"There is no {en} “{text[:60]}”" + (f"; is it “{offer}”?" if offer else "."),
            offer,
        )

    return read


def kind(names: Mapping[str, Iterable[str]]) -> Callable[[str], str]:
    """A word of one's own, or what a known one is called."""
    known = one_of(names, "loại", "kind")

    def read(text: str) -> str:
        try:
            return word(text)
        except ValueFault:
            return known(text)

    return read


Reader = Callable[[str], Any]
