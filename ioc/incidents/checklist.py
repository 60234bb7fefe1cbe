"""The procedure of an incident (quy trình xử lý): what is to be done, who ticked what when. Pure.

Each category has its procedure; an incident works on a copy, so that a change of the procedure alters nothing that
was ticked, and people may add to the copy what this incident needs.
"""

import datetime as dt
from collections.abc import Sequence

import msgspec

from ioc.incidents.steps import Refused

MOST = 60
"""Steps that a copy may have."""


class Item(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One step of a procedure, in Vietnamese and English; `required`: closing without it needs a reason."""

    item: str
    vi: str
    en: str
    required: bool = False


class Ticked(msgspec.Struct, frozen=True, kw_only=True):
    """A step of an incident's copy: who did it, when, and what they noted; nobody yet when `done_by` is empty."""

    item: str
    vi: str
    en: str
    required: bool = False
    done_by: str = ""
    done_at: dt.datetime | None = None
    note: str = ""


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody does to one step of a copy: `done` ticks it or takes the tick away, `text` rewords it or adds one
    of a new code, `drop` takes it out."""

    item: str
    who: str
    at: dt.datetime
    done: bool | None = None
    text: str = ""
    drop: bool = False
    note: str = ""


class Changed(msgspec.Struct, frozen=True):
    """The copy after a change, and the sentence of the log."""

    items: tuple[Ticked, ...]
    told: str


def copied(items: Sequence[Item]) -> tuple[Ticked, ...]:
    """The copy that an incident begins with."""
    return tuple(Ticked(**msgspec.structs.asdict(one)) for one in items)


def undone(items: Sequence[Ticked]) -> tuple[str, ...]:
    """The steps that must be done and are not, in words."""
    return tuple(one.vi for one in items if one.required and not one.done_by)


def changed(items: Sequence[Ticked], change: Change) -> Changed | Refused:
    """The copy after a change. What somebody ticked stays theirs: ticking it again is refused, not overwritten."""
    held = next((one for one in items if one.item == change.item), None)
    if held is None:
        return _added(items, change)
    if change.drop:
        return Changed(tuple(one for one in items if one is not held), f"− {held.vi}{_noted(change)}")
    if change.done is not None and change.done == bool(held.done_by):
        return _same(held)
    after, told = held, []
    if change.text and change.text != held.vi:
        after = msgspec.structs.replace(after, vi=change.text, en=change.text)
        told.append(f"{held.vi} → {change.text}")
    if change.done is not None:
        by, at = (change.who, change.at) if change.done else ("", None)
        after = msgspec.structs.replace(after, done_by=by, done_at=at, note=change.note if change.done else "")
        told.append(f"{'✓' if change.done else '○'} {after.vi}")
    if after == held:
        return Refused("no-change", "Không có gì để thay đổi ở bước này.", "Nothing is to be changed at this step.")
    return Changed(tuple(after if one is held else one for one in items), "; ".join(told) + _noted(change))


def _added(items: Sequence[Ticked], change: Change) -> Changed | Refused:
    if change.drop or not change.text:
        return Refused(
            "no-change",
            "Quy trình của sự cố không có bước này; muốn thêm, hãy ghi nội dung.",
            "The incident's procedure has no such step; to add one, say what is to be done.",
        )
    if len(items) >= MOST:
        return Refused(
            "no-change",
            f"Quy trình đã có {MOST} bước; hãy bỏ bớt trước khi thêm.",
            f"The procedure has {MOST} steps; take some out before you add one.",
        )
    by, at = (change.who, change.at) if change.done else ("", None)
    new = Ticked(item=change.item, vi=change.text, en=change.text, done_by=by, done_at=at, note=change.note)
    return Changed((*items, new), f"+ {change.text}{_noted(change)}")


def _same(held: Ticked) -> Refused:
    if held.done_by:
        at = f"{held.done_at:%H:%M:%S UTC %d/%m/%Y}" if held.done_at is not None else "?"
        return Refused(
            "no-change", f"{held.done_by} đã làm bước này lúc {at}.", f"{held.done_by} did this step already, at {at}."
        )
    return Refused("no-change", "Bước này chưa có ai làm.", "Nobody has done this step yet.")


def _noted(change: Change) -> str:
    return f": {change.note.strip()}" if change.note.strip() else ""
