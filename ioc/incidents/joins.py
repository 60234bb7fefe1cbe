"""Steps that concern two incidents: merge, duplicate, split, and undoing the last of these.

Pure, as steps.py is. Alarms are moved and never lost: each says where all of an incident's alarms, or some, go.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Literal

import msgspec

from ioc.incidents.alarm import Alarm
from ioc.incidents.incident import Entry, Incident, Place, Titles, opened
from ioc.incidents.severity import rank
from ioc.incidents.steps import WORKABLE, Ask, Refused, barred, stamped

Kind = Literal["merge", "duplicate", "split"]


NOTHING_TO_UNDO = Refused(
    "not-undoable",
    "Sự cố này không có lần gộp, báo trùng hay tách nào để hoàn tác.",
    "This incident has no merge, duplicate or split to undo.",
)
NOT_WAITING = Refused(
    "not-waiting",
    "Cảnh báo này không còn chờ ghép; đã có người quyết định hoặc hệ thống đã ghép.",
    "This alarm does not wait any more: somebody has decided, or the centre has.",
)


class Image(msgspec.Struct, frozen=True):
    """What of an incident a join changes and its undo restores."""

    status: str
    owner: str | None
    resolved_by: str
    judged: str = ""
    judged_over: str = ""

    @property
    def work(self) -> tuple[str, str | None, str]:
        """What people's work on it came to; a severity that was given may be outdone by an alarm meanwhile."""
        return self.status, self.owner, self.resolved_by


class Move(msgspec.Struct, frozen=True, kw_only=True):
    """What is remembered of a join. Alarms went from the incident `source` to `target`.

    `source_before` and `target_before` are as they were, `target_after` as it left it; a split has its new incident as
    target, which was nothing before.
    """

    kind: Kind
    source: str
    target: str
    who: str
    at: dt.datetime
    source_before: Image
    target_before: Image | None
    target_after: Image


class Joined(msgspec.Struct, frozen=True, kw_only=True):
    """Two incidents after a step, each with its lines of the log; alarms go from `source` to `target`.

    `alarms` None: all that the source has.
    """

    source: Incident
    source_entries: tuple[Entry, ...]
    target: Incident
    target_entries: tuple[Entry, ...]
    alarms: tuple[str, ...] | None = None


def image(incident: Incident) -> Image:
    """What a join may change of an incident."""
    return Image(
        incident.status, incident.owner, incident.resolved_by, judged=incident.judged, judged_over=incident.judged_over
    )


def older_first(one: Incident, other: Incident) -> tuple[Incident, Incident]:
    """Two incidents, the one that was opened first before the other."""
    return (one, other) if (one.opened_at, one.id) <= (other.opened_at, other.id) else (other, one)


def join(target: Incident, source: Incident, ask: Ask) -> Joined | Refused:
    """Put all alarms of `source` into `target`; `source` becomes a duplicate that leads there."""
    refused = barred(source, ask) or _unfit(target, source)
    if refused is not None:
        return refused
    gone = msgspec.structs.replace(source, status="duplicate", duplicate_of=target.id)
    kept = msgspec.structs.replace(target, status=_state_after(target, source), owner=target.owner or source.owner)
    if source.judged and rank(source.judged) > rank(target.severity):  # what a person called worse stays so
        kept = msgspec.structs.replace(kept, judged=source.judged, judged_over=source.judged_over)
    why = _because(ask)
    return Joined(
        source=stamped(gone, source, ask),
        source_entries=(Entry(ask.at, ask.who, "duplicate", f"→ {target.title}{why}"),),
        target=stamped(kept, target, ask),
        target_entries=(Entry(ask.at, ask.who, "merged", f"← {source.title}{why}"),),
    )


def _unfit(target: Incident, source: Incident) -> Refused | None:
    """Why an incident cannot take the alarms of another."""
    if target.id == source.id:
        return Refused(
            "wrong-state",
            "Không thể gộp một sự cố vào chính nó; hãy chọn sự cố khác.",
            "An incident cannot go into itself; choose another one.",
        )
    if target.status == "duplicate":
        return Refused(
            "wrong-state",
            "Sự cố được chọn cũng là sự cố trùng; hãy chọn sự cố mà nó đã được gộp vào.",
            "The chosen incident is a duplicate itself; choose the one into which it went.",
        )
    if target.status not in WORKABLE:
        return Refused(
            "wrong-state",
            "Sự cố được chọn đã kết thúc; hãy mở lại sự cố đó trước.",
            "The chosen incident is over; reopen it first.",
        )
    return None


def _state_after(target: Incident, source: Incident) -> str:
    """Nothing open is hidden in what is resolved, and what somebody works on is nobody's new incident."""
    if target.status == "resolved" and source.open:
        return "reopened" if source.status in ("new", "reopened") else source.status
    if (
        target.status in ("new", "reopened")
        and target.owner is None
        and source.status in ("acknowledged", "in_progress")
    ):
        return source.status
    return target.status


def split(
    incident: Incident, chosen: Sequence[Alarm], rest: int, place: Place, new_id: str, ask: Ask
) -> Joined | Refused:
    """Put some alarms of an incident, of which `rest` stay, into a new incident of whoever splits it."""
    refused = barred(incident, ask) or _unsplit(chosen, rest)
    if refused is not None:
        return refused
    speaks = max(chosen, key=lambda one: (one.cleared_at is None, rank(one.severity), one.seen_at, one.id))
    titles = Titles(speaks.title or incident.title, speaks.title_en or incident.title_en)
    new, entry = opened(speaks, titles, place, new_id, ask.at)
    new = msgspec.structs.replace(new, status="acknowledged", owner=ask.who, touched=True)
    why = _because(ask)
    lines = (
        msgspec.structs.replace(entry, who=ask.who),
        Entry(ask.at, ask.who, "split_from", f"← {incident.title}{why}"),
    )
    return Joined(
        source=stamped(incident, incident, ask),
        source_entries=(Entry(ask.at, ask.who, "split", f"→ {new.title} ({len(chosen)}){why}"),),
        target=new,
        target_entries=lines,
        alarms=tuple(one.id for one in chosen),
    )


def alone(alarm: Alarm, place: Place, new_id: str, ask: Ask) -> tuple[Incident, tuple[Entry, ...]]:
    """A new incident of one alarm that waited for a person: of whoever decided so."""
    titles = Titles(alarm.title or alarm.source.name, alarm.title_en or alarm.source.name)
    new, entry = opened(alarm, titles, place, new_id, ask.at)
    new = msgspec.structs.replace(new, status="acknowledged", owner=ask.who, touched=True)
    return new, (msgspec.structs.replace(entry, who=ask.who, text=f"{entry.text}{_because(ask)}"),)


def linked(incident: Incident, alarms: Sequence[Alarm], ask: Ask) -> tuple[Incident, tuple[Entry, ...]] | Refused:
    """An incident after a person put alarms that waited into it, of which there is at least one: one step, one line."""
    if incident.status not in WORKABLE:
        return Refused(
            "wrong-state",
            "Sự cố được chọn đã kết thúc; hãy mở lại sự cố đó trước hoặc chọn sự cố khác.",
            "The chosen incident is over; reopen it first, or choose another one.",
        )
    comes_back = incident.status == "resolved" and any(alarm.cleared_at is None for alarm in alarms)
    after = msgspec.structs.replace(incident, status="reopened" if comes_back else incident.status)
    return stamped(after, incident, ask), (Entry(ask.at, ask.who, "linked", f"{came(alarms)}{_because(ask)}"),)


def came(alarms: Sequence[Alarm]) -> str:
    """What an incident's log says of alarms that came to it, of which there is at least one."""
    return f"← {alarms[0].title}" + (f" ({len(alarms)})" if len(alarms) > 1 else "")


def _because(ask: Ask) -> str:
    return f": {ask.why.strip()}" if ask.why.strip() else ""


def _unsplit(chosen: Sequence[Alarm], rest: int) -> Refused | None:
    if not chosen:
        return Refused(
            "wrong-state",
            "Không cảnh báo nào được chọn thuộc sự cố này; hãy chọn ít nhất một.",
            "None of the chosen alarms belongs to this incident; choose at least one.",
        )
    if rest < 1:
        return Refused(
            "wrong-state",
            "Phải còn ít nhất một cảnh báo ở lại sự cố này; hãy chọn ít hơn.",
            "At least one alarm must stay with this incident; choose fewer.",
        )
    return None


def moved(joined: Joined, kind: Kind, source: Incident, target: Incident | None, ask: Ask) -> Move:
    """What to remember of a join; `source` and `target` are as they were before it."""
    return Move(
        kind=kind,
        source=joined.source.id,
        target=joined.target.id,
        who=ask.who,
        at=ask.at,
        source_before=image(source),
        target_before=image(target) if target is not None else None,
        target_after=image(joined.target),
    )


def undo(move: Move, source: Incident, target: Incident, since: Entry | None, ask: Ask) -> Joined | Refused:
    """Undo a join: what went to `target` goes back to `source`. `since` is what somebody did to either after it.

    In the answer the alarms go from `source` to `target` of the answer, which are the other way round.
    """
    if since is not None:
        return _too_late(since)
    if move.kind == "split":
        back = msgspec.structs.replace(target, status="duplicate", duplicate_of=source.id)
        home = source
    else:
        before, after = move.target_before or move.target_after, move.target_after
        back = target
        if image(target).work == after.work:
            back = msgspec.structs.replace(target, **_members(before))
        home = msgspec.structs.replace(source, **_members(move.source_before), duplicate_of=None)
    return Joined(
        source=stamped(back, target, ask),
        source_entries=(Entry(ask.at, ask.who, "undone", f"{move.kind}: → {source.title}"),),
        target=stamped(home, source, ask),
        target_entries=(Entry(ask.at, ask.who, "undone", f"{move.kind}: ← {target.title}"),),
    )


def _members(before: Image) -> dict[str, str | None]:
    return msgspec.structs.asdict(before)


def _too_late(since: Entry) -> Refused:
    at = since.at.astimezone(dt.UTC).strftime("%H:%M:%S UTC %d/%m/%Y")
    return Refused(
        "not-undoable",
        f"Không hoàn tác được nữa: sau đó {since.who} đã ghi “{since.what}” lúc {at}.",
        f"It cannot be undone any more: {since.who} did “{since.what}” after it, at {at}.",
    )
