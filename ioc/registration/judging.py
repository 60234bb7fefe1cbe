"""What a row of a file would make of the register: a new thing, a changed one, the same, or what stands against it."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

import msgspec

from gis.position import Position
from ioc.registration import headings, lawful, lifecycle
from ioc.registration.aim import aimed
from ioc.registration.coordinates import DIGITS
from ioc.registration.lawful import Law
from ioc.registration.record import AnyRecord, CameraRecord, DeviceRecord, Lifecycle, Subject, changes
from ioc.registration.rows import Row
from ioc.registration.sheet import Words, neat
from ioc.registration.values import STATES

IN_SETTINGS = ("gateway", "scene", "height_m", "tilt_deg")
"""What of a camera is among its settings."""

SCENE = "street"
"""Of a camera of which nothing else is said."""

_SAME_PLACE = 1.5 * 10**-DIGITS
"""Degrees: a place that was written with DIGITS decimals and read again is the same."""

_NAMES = {column.field: column.words for column in headings.COLUMNS}
_THINGS: Mapping[Subject, Words] = {"device": Words("thiết bị", "device"), "camera": Words("camera", "camera")}


class Owner(NamedTuple):
    """Whose a place is; the name of the nearest unit and how far it is, in metres, where none holds it."""

    centre: str | None
    area: str | None
    near: str = ""
    metres: float = 0.0


class Register(msgspec.Struct, frozen=True, kw_only=True):
    """What rows are compared with. `known` are the records that the person sees, `taken` the codes that are in use
    anywhere and of what, `gateways` the codes that a thing may hang on with their centres (empty: it comes in the same
    file). `reaches` tells whether things of a centre and area are the person's, `serves` whether a centre serves an
    area. `gone` are the centres that went into others, with these. `bound`: the person is bound to centres, and so may
    give none to a unit that it does not serve."""

    subject: Subject
    known: Mapping[str, AnyRecord]
    taken: Mapping[str, Iterable[str]]
    gateways: Mapping[str, str]
    law: Law
    reaches: Callable[[str, str, str], bool]
    serves: Callable[[str, str], bool]
    gone: Mapping[str, str] = {}
    bound: bool = True


def places_of(row: Row, known: Mapping[str, AnyRecord]) -> list[Position]:
    """The positions of a row of which it must be found whose they are: of what is new or moves."""
    before = known.get(row.code)
    asked = [at for fields in (row.fields, row.offered) if (at := fields.get("position")) is not None]
    return [Position(lon=at[0], lat=at[1]) for at in asked if not _stands(before, at)]


def owned(row: Row, position: Position, owner: Owner) -> None:
    """Keep with the row whose a place is, and say where it is elsewhere, or off the last unit."""
    field = next((cell.field for cell in row.cells if cell.offer is not None and cell.offer.position), "position")
    at = f"{position.lat:.5f}, {position.lon:.5f}"
    away = f"{owner.metres / 1000:.1f} km"
    if owner.area is None or owner.centre is None:
        row.say(field, Words(
            f"Vị trí {at} nằm ngoài địa bàn, cách {owner.near} {away.replace('.', ',')}.",
            f"The place {at} is outside the province, {away} from {owner.near}.",
        ))  # fmt: skip
        return
    row.found = {**row.found, _key(position): (owner.centre, owner.area)}
    if owner.metres:
        row.say(field, Words(
            f"Vị trí {at} không thuộc xã, phường nào; tính cho {owner.near}, cách {away.replace('.', ',')}.",
            f"The place {at} is in no unit; it is counted to {owner.near}, {away} away.",
        ), stops=False)  # fmt: skip


def _key(position: Position) -> str:
    return f"{position.lon!r},{position.lat!r}"


def judge(row: Row, register: Register) -> None:
    """Say what a row would do. A row with offers is judged as if they were taken, and stays refused without them."""
    before = register.known.get(row.code)
    row.version = 0 if before is None else before.version
    row.outcome = "refused"
    _passed(row, before)
    if row.code and (fault := _taken(row, before, register)) is not None:
        row.say("code", fault)
    if row.stopped:
        return
    wanted = settle(row, row.fields | row.offered, before, register)
    if wanted is None or row.stopped or row.mendable:
        return
    row.outcome = "new" if before is None else "changed" if changes(before, wanted) else "same"


def _passed(row: Row, before: AnyRecord | None) -> None:
    """Take back what was said of cells that hold what the record has already, though nobody could write it anew."""
    for field, text in row.unread.items():
        if _same(before, field, neat(text)):
            row.cells = [cell for cell in row.cells if cell.field != field]
            row.offered.pop(field, None)


def _taken(row: Row, before: AnyRecord | None, register: Register) -> Words | None:
    """Why a code cannot be used by who sends the file."""
    uses = set(register.taken.get(row.code, ()))
    for other in sorted(uses - {register.subject}):
        thing = _THINGS["camera" if other == "camera" else "device"]
        return Words(f"Mã này đã là của một {thing.vi}.", f"This code is that of a {thing.en} already.")
    if before is None and uses:
        return Words("Mã này đã dùng ở nơi khác.", "This code is in use elsewhere.")
    return None


def settle(row: Row, fields: Mapping[str, Any], before: AnyRecord | None, register: Register) -> AnyRecord | None:
    """The record that these fields make of what is there; None when the row says what is missing."""
    news = {name: value for name, value in fields.items() if not _same(before, name, value)}
    _kind(news, before, register.subject)
    owner = _owner(row, news, before, register)
    if owner is None or not _complete(row, news, before, register.subject):
        return None
    news["centre"], news["area"] = owner
    if not register.reaches(*owner, row.code):
        row.say("centre" if "centre" in fields else "code", Words(
            "Nơi này không thuộc phạm vi của bạn.", "This place is not within what you may change."
        ))  # fmt: skip
        return None
    if before is None and register.bound and not register.serves(*owner):
        row.say("centre", Words(
            f"Trung tâm {owner[0]} không phụ trách {owner[1]}.", f"The centre {owner[0]} does not serve {owner[1]}."
        ))  # fmt: skip
        return None
    _hangs(row, news.get("gateway"), owner[0], register)
    wanted = _record(row.code, news, before, register.subject)
    return wanted if _lived(row, before, wanted) and _lawful(row, before, wanted, register.law) else None


def _stands(before: AnyRecord | None, at: Any) -> bool:
    return before is not None and all(
        abs(one - other) < _SAME_PLACE for one, other in zip(before.position.lonlat, at, strict=True)
    )


def _same(before: AnyRecord | None, name: str, value: Any) -> bool:
    """Whether a field says what is there, however its accents and blanks were kept."""
    if before is None:
        return False
    if name == "position":
        return _stands(before, value)
    there = before.settings.get(name) if before.subject == "camera" and name in IN_SETTINGS else getattr(before, name)
    return isinstance(there, str) and isinstance(value, str) and neat(there) == value


def _kind(news: dict[str, Any], before: AnyRecord | None, subject: Subject) -> None:
    """What kind a new thing is where none is said: of its profile, of its scene, which is a street by itself."""
    if before is not None:
        return
    if subject == "camera":
        news.setdefault("scene", SCENE)
    likely = news.get("profile" if subject == "device" else "scene")
    if likely:
        news.setdefault("kind", likely)


def _hangs(row: Row, gateway: str | None, centre: str, register: Register) -> None:
    """A gateway is a device of the same centre, or comes in the same file."""
    if not gateway or register.gateways.get(gateway) in ("", centre):
        return
    row.say("gateway", Words(
        f"Trung tâm {centre} chưa có thiết bị mã {gateway}, trong tệp cũng không.",
        f"No device {gateway} of the centre {centre} is registered or in this file.",
    ))  # fmt: skip


def _owner(row: Row, news: Mapping[str, Any], before: AnyRecord | None, register: Register) -> tuple[str, str] | None:
    """Centre and area. The area is that of the place, whatever the file says of it: files are exported, and one column
    is changed. A centre that is named is taken where it serves the area, of something new wherever that is allowed; one
    that is gone is not, and said of what its heir has already it stops nothing."""
    at = news.get("position")
    found = None if at is None else row.found.get(_key(Position(lon=at[0], lat=at[1])))
    if before is None and at is None:
        row.say("position", Words("Thiếu toạ độ.", "The coordinates are missing."))
    if found is None:
        if before is None:
            return None
        found = before.centre, before.area
    area, centre = found[1], news.get("centre")
    if (said := news.get("area")) and said != area:
        row.say("area", Words(
            f"Tệp ghi {said}, nhưng vị trí thuộc {area}; ghi theo vị trí.",
            f"The file says {said}, but the place is in {area}; the place decides.",
        ), stops=False)  # fmt: skip
    heir = register.gone.get(centre or "")
    if heir is not None and (before is None or before.centre != heir):
        row.say("centre", Words(
            f"Trung tâm {centre} đã nhập vào {heir}; hãy ghi {heir}.",
            f"The centre {centre} went into {heir}; write {heir}.",
        ))  # fmt: skip
        return None
    if before is None:
        return centre or found[0], area
    if centre and heir is None and register.serves(centre, area):
        return centre, area
    old = before.centre if register.serves(before.centre, area) or area == before.area else found[0]
    if centre:
        row.say("centre", Words(
            f"Trung tâm {centre} không phụ trách {area}; ghi {old}.",
            f"The centre {centre} does not serve {area}; it is {old}.",
        ), stops=False)  # fmt: skip
    return old, area


def _complete(row: Row, news: Mapping[str, Any], before: AnyRecord | None, subject: Subject) -> bool:
    """Whether a new thing has what none is without."""
    if before is not None:
        return True
    needed = ("name", "profile") if subject == "device" else ("name",)
    missing = [name for name in needed if not news.get(name)]
    for name in missing:
        words = _NAMES[name]
        row.say(name, Words(f"Thiếu “{words.vi}”.", f"“{words.en}” is missing."))
    return not missing


def _record(code: str, news: Mapping[str, Any], before: AnyRecord | None, subject: Subject) -> AnyRecord:
    made: dict[str, Any] = {"code": code} if before is None else msgspec.to_builtins(before)
    if (at := news.get("position")) is not None:
        made["position"] = {"lon": at[0], "lat": at[1]}
    plain = {name: value for name, value in news.items() if name != "position"}
    if subject == "device":
        return msgspec.convert(made | plain, DeviceRecord)
    settings = made.get("settings", {}) | {name: plain.pop(name) for name in IN_SETTINGS if name in plain}
    made["settings"] = {name: value for name, value in settings.items() if value not in (None, "", [])}
    after = msgspec.convert(made | plain, CameraRecord)
    return aimed(before, after) if before is not None and before.subject == "camera" else after


def _lived(row: Row, before: AnyRecord | None, wanted: AnyRecord) -> bool:
    """Whether its life cycle may become what the file says: by steps that there are."""
    now: Lifecycle = "draft" if before is None else before.lifecycle
    if wanted.lifecycle in _reached(now):
        return True
    names = STATES[now], STATES[wanted.lifecycle]
    row.say("lifecycle", Words(
        f"Không thể chuyển từ “{names[0][0]}” sang “{names[1][0]}”.",
        f"What is “{names[0][1]}” cannot become “{names[1][1]}”.",
    ))  # fmt: skip
    return False


def _reached(state: Lifecycle) -> set[Lifecycle]:
    found = {state}
    while more := {lifecycle.after(one, step) for one in found for step in lifecycle.steps_from(one)} - found:
        found |= more
    return found


def _lawful(row: Row, before: AnyRecord | None, wanted: AnyRecord, law: Law) -> bool:
    """What becomes active has what the law asks for; what is active already does not lose it."""
    if wanted.lifecycle != "active":
        return True
    was = lawful.blocking(before, law) if before is not None and before.lifecycle == "active" else ()
    missing = [field for field in lawful.blocking(wanted, law) if field not in was]
    for field in missing:
        words, laws = _NAMES[field], lawful.laws([field], wanted, law)
        row.say(field, Words(
            f"Chưa thể hoạt động khi thiếu “{words.vi}” ({laws}).",
            f"It cannot be active without “{words.en}” ({laws}).",
        ))  # fmt: skip
    return not missing
